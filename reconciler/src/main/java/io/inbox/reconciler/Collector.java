package io.inbox.reconciler;

import io.inbox.reconciler.internal.collector.CollectorEngine;
import io.inbox.reconciler.internal.collector.CollectorOptions;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Removes what may be forgotten: keys that are older than their consumer's window and retention and
 * a margin, with their results and copies; counts of attempts of keys that are gone; dead letters
 * and findings that were settled long ago. All times are the database's.
 *
 * <p>Never removed: a key within its window, on {@linkplain Holds hold}, or with an open dead
 * letter; a key of a consumer that is not registered, because nothing says how long to keep it.
 * Before anything is removed the consumer's purge horizon is moved, in a transaction of its own, so
 * that a message of before then that comes again is refused and not handled again.
 *
 * <p>Works in short transactions, pauses while others use the database, and waits for no lock
 * longer than half a second. One run at a time, over all nodes, as job {@value #JOB}; a run that
 * was cut short is gone on with. Needs a pool of two: one connection for its batches, and one for a
 * moment now and then that keeps the job. Thread-safe.
 */
public final class Collector {
  /** The name of the job. */
  public static final String JOB = "gc";

  private final CollectorEngine engine;

  private Collector(CollectorEngine engine) {
    this.engine = engine;
  }

  /**
   * Starts a collector from the defaults.
   *
   * @param store how to talk to the database; on PostgreSQL without {@code rowLevelSecurity}
   * @param dataSource a pool of the database that holds the tables of Inbox, with the rights of
   *     {@code inbox_collector}
   */
  public static Builder builder(Store store, @Nullable DataSource dataSource) {
    return new Builder(store, dataSource);
  }

  /**
   * Removes everything that is due, or as much as the budgets allow. Blocks.
   *
   * @return what was removed, or who is collecting
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached, or the job was
   *     lost to another node; what had been committed stays removed, the next run goes on
   */
  public JobResult<CollectorReport> run() {
    return engine.run();
  }

  /**
   * Counts what {@link #run} would remove now, without budgets; changes nothing, and runs beside
   * everything. Blocks; takes about as long as reading the tables once.
   */
  public CollectorReport preview() {
    return engine.preview();
  }

  /**
   * Runs whenever it is due, on a thread of its own, until the returned job is closed.
   *
   * <p>Any number of nodes may schedule it on one database: one of them runs it. What a run removed
   * is logged, and stored with the {@linkplain Jobs#status job}.
   *
   * <p>Names the job, in a transaction of its own, and returns; takes one connection and blocks
   * until then. The thread is a daemon. A run that fails is logged, and the next comes at its time.
   *
   * @param schedule when it is due, by the database's clock
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached
   */
  public ScheduledJob schedule(Schedule schedule) {
    return new ScheduledJob(engine.schedule(schedule));
  }

  /**
   * How far a run or preview has come.
   *
   * @param table the table it is going over
   * @param share how much of it is done, 0 to 1
   * @param removed how many rows have been removed, or counted, in all tables so far
   */
  public record Progress(String table, double share, long removed) {}

  /** Collects options. Not thread-safe. */
  public static final class Builder {
    private final Store store;
    private final @Nullable DataSource dataSource;
    private final CollectorOptions options = new CollectorOptions();

    private Builder(Store store, @Nullable DataSource dataSource) {
      this.store = store;
      this.dataSource = dataSource;
    }

    /**
     * Sets what is added to every window and retention, 1 h to 36,500 days. Default: a day. It must
     * be longer than any transaction that handles messages, and cover what the database's clock may
     * jump.
     */
    public Builder margin(Duration margin) {
      options.margin = margin;
      return this;
    }

    /**
     * Sets how long dead letters, of the inbox and of the outbox, are kept after they were settled.
     * Default: 90 days. Open ones are kept for ever.
     */
    public Builder keepDeadLetters(Duration keep) {
      options.keepDeadLetters = keep;
      return this;
    }

    /** Sets how long findings are kept after they were resolved. Default: 90 days. */
    public Builder keepFindings(Duration keep) {
      options.keepFindings = keep;
      return this;
    }

    /**
     * Sets how long a batch should take, 5 ms to 10 s. Default: 100 ms; a quarter of it while
     * others use the database. A redelivery of a key that is being removed waits for the batch.
     */
    public Builder batchTarget(Duration target) {
      options.batchTarget = target;
      return this;
    }

    /** Sets after which time a run stops, to be gone on with by the next. Default: never. */
    public Builder maxTime(Duration time) {
      options.maxTime = time;
      return this;
    }

    /**
     * Sets after how many rows a run stops, to be gone on with by the next; it ends the batch in
     * which it reaches them. Default: never.
     */
    public Builder maxRows(long rows) {
      options.maxRows = rows;
      return this;
    }

    /** Sets how long the job stays without a node after its owner died. Default: 30 s. */
    public Builder lease(Duration lease) {
      options.lease = lease;
      return this;
    }

    /** Sets what the run is called where others look. Default: host and process. */
    public Builder owner(String owner) {
      options.owner = owner;
      return this;
    }

    /** Says how often a run is expected to succeed. Default: what was said last. */
    public Builder every(Duration every) {
      options.every = every;
      return this;
    }

    /** Sets who is told after each batch, on the thread that runs. Default: nobody. */
    public Builder progress(Consumer<Progress> listener) {
      options.progress = listener;
      return this;
    }

    /**
     * Checks options, database, schema and rights.
     *
     * @throws io.inbox.error.ConfigurationException if an option is out of its range, or policies
     *     hide rows from this role
     * @throws io.inbox.error.SchemaException if the schema is missing, older than version 3, or too
     *     new
     * @throws io.inbox.error.RetryLaterException if the database cannot be reached
     */
    public Collector build() {
      return new Collector(
          CollectorEngine.open(Database.open(store, dataSource), options.validated()));
    }
  }
}
