package io.inbox.reconciler;

import java.time.Instant;

/**
 * What became of the wish to run a job.
 *
 * @param <T> what the work returns
 */
public sealed interface JobResult<T> {
  /**
   * The work ran to its end here.
   *
   * @param value what it returned
   */
  record Done<T>(T value) implements JobResult<T> {}

  /**
   * Another run of the job is under way; nothing was done here.
   *
   * @param job the job
   * @param owner who runs it
   * @param since since when
   * @param leaseUntil until when it owns the job, unless it renews: after a crash the job is free
   *     from then on
   */
  record HeldByAnother<T>(String job, String owner, Instant since, Instant leaseUntil)
      implements JobResult<T> {
    /** Returns a sentence that says who runs the job and since when. */
    public String message() {
      return "job "
          + job
          + " is being run by "
          + owner
          + " since "
          + since
          + "; its lease ends at "
          + leaseUntil
          + " unless it is renewed";
    }
  }
}
