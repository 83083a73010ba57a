package io.inbox.reconciler;

import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.jobs.JobRows;
import io.inbox.reconciler.internal.jobs.JobRunner;
import io.inbox.spi.Store;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that run on one node at a time: whoever runs one owns it by a lease, under an epoch of its
 * own, and a second run is told who owns it.
 *
 * <p>Needs one connection for a moment at the beginning and the end of a run, and for a moment
 * every third of the lease; the work brings its own. So a pool of two is enough for work that holds
 * one connection at a time: with a single one the lease cannot be renewed while the work holds it,
 * and is lost if that takes longer than the lease. Thread-safe.
 */
public final class Jobs {
  private final Database database;
  private final JobRows rows;

  private Jobs(Database database) {
    this.database = database;
    this.rows = new JobRows(database);
  }

  /**
   * Opens the jobs of a database. Checks database and schema; takes one connection and blocks.
   *
   * @param store how to talk to the database
   * @param dataSource a pool of the database that holds the tables of Inbox
   * @throws io.inbox.error.ConfigurationException if the server cannot be used
   * @throws io.inbox.error.SchemaException if the schema is missing, older than version 3, or too
   *     new
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached
   */
  public static Jobs open(Store store, @Nullable DataSource dataSource) {
    return new Jobs(Database.open(store, dataSource));
  }

  /**
   * Runs a job with the default options.
   *
   * @see #run(String, JobOptions, JobWork)
   */
  public <T, E extends Exception> JobResult<T> run(String job, JobWork<T, E> work) throws E {
    return run(job, JobOptions.ofDefaults(), work);
  }

  /**
   * Runs a job on the calling thread, unless another run of it is under way. Blocks until the work
   * returns; never waits for another run.
   *
   * @param job its name, 1 to 100 letters, digits or {@code ._:/@-}
   * @return what the work returned, or who runs the job
   * @throws E what the work threw; the run is recorded as failed
   * @throws io.inbox.error.RetryLaterException IBX-710 if the job was lost to another node, or the
   *     database cannot be reached
   */
  public <T, E extends Exception> JobResult<T> run(
      String job, JobOptions options, JobWork<T, E> work) throws E {
    return new JobRunner(database, rows, job, options).run(work);
  }

  /** Runs a job as {@link #run}, but only if its epoch is still the one that was seen. */
  <T, E extends Exception> Optional<JobResult<T>> runSince(
      String job, JobOptions options, long seen, JobWork<T, E> work) throws E {
    return new JobRunner(database, rows, job, options).runSince(seen, work);
  }

  /**
   * Says how often a job is expected to succeed, whether it ever ran or not.
   *
   * @param every 1 s to 36,500 days
   */
  public void expect(String job, Duration every) {
    JobRunner.name(job);
    Duration checked = JobOptions.builder().every(every).build().every().orElseThrow();
    rows.register(job, checked);
  }

  /** Returns all jobs in the order of their names. */
  public List<JobStatus> list() {
    return database.transaction(connection -> List.copyOf(rows.list(connection)));
  }

  /** Returns one job; empty if it was never named. */
  public Optional<JobStatus> status(String job) {
    return list().stream().filter(status -> status.job().equals(job)).findFirst();
  }
}
