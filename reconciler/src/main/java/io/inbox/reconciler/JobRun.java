package io.inbox.reconciler;

import java.sql.Connection;
import java.util.Optional;

/**
 * One run of a job by the node that owns it. Its lease is renewed by a thread of its own until the
 * work returns. A node that stood still for longer than its lease may have lost the job to another:
 * then its epoch is over, and no fenced transaction of its commits. Thread-safe.
 */
public interface JobRun {
  /** Returns the job's name. */
  String job();

  /** Returns what this run is called where others look: host and process, unless options say so. */
  String owner();

  /** Returns the number of this ownership: higher than that of every earlier one. */
  long epoch();

  /** Returns where an earlier run stopped that was cut short; empty to begin at the beginning. */
  Optional<String> checkpoint();

  /**
   * Makes sure that this run owns the job until the caller's transaction ends, and renews the
   * lease: locks the job's row, so that nobody takes the job over in between. Takes one statement.
   *
   * @param connection of the job's database, in a transaction that the caller commits
   * @throws io.inbox.error.RetryLaterException IBX-710 if the job is lost; roll back
   */
  void fence(Connection connection);

  /**
   * Writes where the next run goes on, should this one be cut short, in the caller's transaction;
   * fences it, too.
   *
   * @throws io.inbox.error.RetryLaterException IBX-710 if the job is lost; roll back
   */
  void checkpoint(Connection connection, String checkpoint);

  /**
   * The same, in a transaction of its own.
   *
   * @throws io.inbox.error.RetryLaterException IBX-710 if the job is lost
   */
  void checkpoint(String checkpoint);

  /**
   * Says that the work stops before its end, as when a budget is used up: the checkpoint is kept,
   * and the run does not count as a success.
   *
   * @param why one sentence, stored with the job
   */
  void incomplete(String why);

  /** Stores one sentence about this run with the job, when it ends. */
  void note(String sentence);

  /**
   * Returns whether the job is lost, as far as this node knows; only {@link #fence} is sure. Costs
   * nothing.
   */
  boolean isLost();
}
