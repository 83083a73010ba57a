package io.inbox.reconciler;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.Names;
import io.inbox.reconciler.internal.run.ReconcilerOptions;
import io.inbox.reconciler.internal.run.ReconcilerRun;
import io.inbox.reconciler.internal.schedule.ScheduleThread;
import io.inbox.reconciler.spi.Check;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs checks, keeps what they find, and says what is new.
 *
 * <p>One node runs it at a time, see {@link Jobs}. Immutable and thread-safe; holds no connection
 * between runs. A run takes up to four connections at the same time: one for each side of a pair
 * check, one to write what was found, and one to renew its lease.
 */
public final class Reconciler {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.reconciler.Reconciler");

  private final ReconcilerOptions options;
  private final Jobs jobs;

  private Reconciler(ReconcilerOptions options, Jobs jobs) {
    this.options = options;
    this.jobs = jobs;
  }

  /**
   * Starts a reconciler.
   *
   * @param store how to talk to the database
   * @param dataSource a pool of the inbox's database, with the rights of a reconciler and four
   *     connections at least
   */
  public static Builder builder(Store store, @Nullable DataSource dataSource) {
    return new Builder(new ReconcilerOptions(store, dataSource));
  }

  /**
   * Runs every check once, on this thread, and blocks until it is done; unless another run of the
   * job is under way.
   *
   * @return what was found, in which a check that failed is named while the others were run all the
   *     same; or who runs the job
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached, or the job was
   *     lost to another node
   */
  public JobResult<ReconcileReport> run() {
    return jobs.run(
        options.job, options.jobOptions, job -> new ReconcilerRun(options, job, () -> false).run());
  }

  /**
   * Runs whenever it is due, on a thread of its own, until the returned job is closed.
   *
   * <p>Any number of nodes may schedule it on one database: one of them runs it. What a run found
   * is kept as {@linkplain Findings findings}, and logged: as a warning if a finding is open or a
   * check could not look.
   *
   * <p>Names the job, in a transaction of its own, and returns; takes one connection and blocks
   * until then. The thread is a daemon. A run that fails is logged, and the next comes at its time.
   *
   * @param schedule when it is due, by the database's clock
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached
   */
  public ScheduledJob schedule(Schedule schedule) {
    return new ScheduledJob(
        ScheduleThread.start(options.database(), options.job, schedule, this::runAndLog));
  }

  private Optional<JobResult<ReconcileReport>> runAndLog(long seen, BooleanSupplier stop) {
    Optional<JobResult<ReconcileReport>> result =
        jobs.runSince(
            options.job,
            options.jobOptions,
            seen,
            job -> new ReconcilerRun(options, job, stop).run());
    if (result.orElse(null) instanceof JobResult.Done<ReconcileReport> done
        && !done.value().isClean()) {
      LOG.warn(
          "Job {} is not clean: {} findings are open, {} checks could not look",
          options.job,
          done.value().checks().stream().mapToLong(ReconcileReport.CheckReport::open).sum(),
          done.value().checks().stream().filter(it -> it.failure().isPresent()).count());
    }
    return result;
  }

  /**
   * How far a run has come.
   *
   * @param check the check that is looking
   * @param share how much of it is done, 0 to 1, as far as it can tell
   * @param rows how many rows it has looked at
   */
  public record Progress(String check, double share, long rows) {}

  /** Collects the options of a reconciler. Not thread-safe. */
  public static final class Builder {
    private final ReconcilerOptions options;

    private Builder(ReconcilerOptions options) {
      this.options = options;
    }

    /** Adds a check; checks run in the order in which they are added. */
    public Builder check(Check check) {
      options.checks.add(check);
      return this;
    }

    /** Adds checks. */
    public Builder checks(List<? extends Check> checks) {
      options.checks.addAll(checks);
      return this;
    }

    /** Sets the limits of the built-in checks, which run before others. Default: their defaults. */
    public Builder builtInChecks(BuiltInChecks builtIn) {
      options.builtIn = builtIn;
      return this;
    }

    /** Leaves the built-in checks out. */
    public Builder withoutBuiltInChecks() {
      options.builtIn = null;
      return this;
    }

    /**
     * Runs only the checks of these names. Such a run is no success of the job: the other checks
     * did not look. Default, and with an empty list: all.
     */
    public Builder only(List<String> names) {
      options.only = List.copyOf(names);
      return this;
    }

    /**
     * Sets the name of the job: its lease, its checkpoint. Reconcilers with different checks have
     * different names, else one would wait for the other and go on where it stopped. Default:
     * {@code reconcile}.
     */
    public Builder job(String job) {
      options.job = job;
      return this;
    }

    /** Sets how the job runs: its lease, and how often it is expected to succeed. */
    public Builder jobOptions(JobOptions jobOptions) {
      options.jobOptions = jobOptions;
      return this;
    }

    /**
     * Sets how old something must be before it counts, so that what is still in the making is no
     * drift. Make it longer than the delay with which effects follow, where one commit does not
     * write both. Default: 1 minute.
     */
    public Builder settle(Duration settle) {
      options.settle = settle;
      return this;
    }

    /**
     * Sets how long a run may take; a run that was stopped goes on where it stopped. Default: not
     * limited.
     */
    public Builder maxTime(@Nullable Duration time) {
      options.time = time;
      return this;
    }

    /**
     * Sets how many rows of each side a pair check compares in a run; the next run goes on behind
     * them. Default: not limited.
     */
    public Builder maxRows(long rows) {
      options.rows = rows;
      return this;
    }

    /**
     * Sets how many findings a check may have in a run before it is stopped: so many are one
     * mistake, perhaps in the check. Default: 10,000.
     */
    public Builder maxFindings(int findings) {
      options.maxFindings = findings;
      return this;
    }

    /** Sets who is told how far a run has come, on the thread that runs it. Default: nobody. */
    public Builder progress(Consumer<Progress> progress) {
      options.progress = progress;
      return this;
    }

    /**
     * Sets what ends a run early, as if its time were up: what was found is kept, and the next run
     * goes on. Asked several times a second, by several threads. Default: nothing.
     */
    public Builder stopWhen(BooleanSupplier stop) {
      options.stop = stop;
      return this;
    }

    /**
     * Returns the reconciler. Checks database and schema; takes one connection and blocks.
     *
     * @throws ConfigurationException if an option is out of its range, two checks have one name, or
     *     the server cannot be used
     * @throws io.inbox.error.SchemaException if the schema is missing, older than version 3, or too
     *     new
     * @throws io.inbox.error.RetryLaterException if the database cannot be reached
     */
    public Reconciler build() {
      require(
          options.store == null || !options.store.restrictsByTenant(),
          "the store names a tenant to row-level security, so the reconciler would see one only (hand in one without rowLevelSecurity, and log in as inbox_reconciler)");
      require(
          options.settle != null
              && !options.settle.isNegative()
              && options.settle.compareTo(Duration.ofDays(365)) <= 0,
          "settle is " + options.settle + ", it must be 0 to 365 days");
      require(
          options.time == null || options.time.compareTo(Duration.ofSeconds(1)) >= 0,
          "maxTime is " + options.time + ", it must be at least 1 s");
      require(options.rows > 0, "maxRows is " + options.rows + ", it must be above zero");
      require(
          options.maxFindings >= 1 && options.maxFindings <= 1_000_000,
          "maxFindings is " + options.maxFindings + ", it must be 1 to 1,000,000");
      Set<String> names = new HashSet<>();
      for (Check check : options.checks) {
        Names.ofOwnCheck(check.name());
        require(names.add(check.name()), "two checks are named " + check.name());
      }
      List<String> all = options.all().stream().map(Check::name).toList();
      require(!all.isEmpty(), "there is no check (add one)");
      for (String name : options.only) {
        require(
            all.contains(name),
            "there is no check named " + name + " (there are: " + String.join(", ", all) + ")");
      }
      ReconcilerOptions own = options.opened();
      return new Reconciler(own, Jobs.open(own.store, own.dataSource));
    }

    private static void require(boolean holds, String message) {
      if (!holds) {
        throw new ConfigurationException("IBX-610", message);
      }
    }
  }
}
