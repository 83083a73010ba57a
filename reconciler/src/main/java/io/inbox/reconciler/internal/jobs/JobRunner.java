package io.inbox.reconciler.internal.jobs;

import io.inbox.error.ConfigurationException;
import io.inbox.error.RetryLaterException;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.JobStatus;
import io.inbox.reconciler.JobWork;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.jobs.JobRows.Taken;
import io.inbox.spi.SqlError;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes a job, runs its work while the lease is renewed, and gives the job back. */
public final class JobRunner {
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}._:/@-]{1,100}");

  /** Others may be quicker many times; whoever keeps the row locked is waited for a few times. */
  private static final int ROUNDS = 50;

  private static final long LONGEST_NANOS = 8_000_000_000L;

  private final Database database;
  private final JobRows rows;
  private final String job;
  private final JobOptions options;

  public JobRunner(Database database, JobRows rows, String job, JobOptions options) {
    name(job);
    this.database = database;
    this.rows = rows;
    this.job = job;
    this.options = options;
  }

  /** Checks a job's name. */
  public static void name(@Nullable String job) {
    if (job == null || !NAME.matcher(job).matches()) {
      throw new ConfigurationException(
          "IBX-712",
          "a job's name must be 1 to 100 letters, digits or ._:/@- without white space, such as gc");
    }
  }

  /**
   * Runs the job if nobody has taken it since it was seen.
   *
   * @param seen its epoch then
   * @return empty if somebody has: what made it due may have been dealt with
   */
  public <T, E extends Exception> Optional<JobResult<T>> runSince(long seen, JobWork<T, E> work)
      throws E {
    expect();
    @Nullable Taken taken = take(seen);
    return taken == null ? Optional.empty() : Optional.of(run(work, taken));
  }

  private void expect() {
    options.every().ifPresent(every -> rows.register(job, every));
  }

  public <T, E extends Exception> JobResult<T> run(JobWork<T, E> work) throws E {
    expect();
    @Nullable Taken taken = null;
    @Nullable JobRow holder = null;
    long end = System.nanoTime() + LONGEST_NANOS;
    for (int round = 1; taken == null && round <= ROUNDS && System.nanoTime() - end < 0; round++) {
      holder = holder();
      if (holder != null && holder.owner().isPresent()) {
        break;
      }
      taken = take(null);
    }
    return taken == null ? heldByAnother(holder) : run(work, taken);
  }

  /** Returns the job, which is named if it was not. */
  private @Nullable JobRow holder() {
    Optional<JobRow> found = database.transaction(connection -> rows.find(connection, job));
    if (found.isEmpty()) {
      rows.register(job, null);
    }
    return found.orElse(null);
  }

  /** Takes the job; null if another was quicker, or is fencing a transaction right now. */
  private @Nullable Taken take(@Nullable Long seen) {
    try {
      return database
          .attempt(connection -> rows.take(connection, job, options.owner(), options.lease(), seen))
          .orElse(null);
    } catch (Exception e) {
      SqlError error = SqlError.of(e);
      if (error == SqlError.LOCK_TIMEOUT || error == SqlError.RETRY) {
        return null;
      }
      throw database.translated(e);
    }
  }

  private <T> JobResult<T> heldByAnother(@Nullable JobRow seen) {
    JobRow holder =
        database
            .transaction(connection -> rows.find(connection, job))
            .filter(now -> now.owner().isPresent())
            .orElse(seen);
    if (holder == null
        || holder.lastOwner().isEmpty()) { // taken and given back by others, every time
      throw new RetryLaterException(
          "IBX-323", "job " + job + " is contended: others were quicker each time (try again)");
    }
    return new JobResult.HeldByAnother<>(
        job,
        holder.lastOwner().get(),
        holder.startedAt().orElse(holder.registeredAt()),
        holder.leaseUntil().orElse(holder.readAt()));
  }

  private <T, E extends Exception> JobResult<T> run(JobWork<T, E> work, Taken taken) throws E {
    HeldJob held = HeldJob.start(database, rows, job, options, taken);
    T value;
    try {
      value = work.run(held);
    } catch (Throwable e) {
      held.end(JobStatus.Outcome.FAILED, e);
      throw e;
    }
    held.end();
    return new JobResult.Done<>(value);
  }
}
