package io.inbox.reconciler;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What is known about a job. All times are the database's. */
public interface JobStatus {
  /** Returns the job's name. */
  String job();

  /** Returns who owns the job now; empty if nobody does, or the owner's lease is over. */
  Optional<String> owner();

  /** Returns the number of the last ownership. */
  long epoch();

  /** Returns until when the owner has the job, unless it renews. */
  Optional<Instant> leaseUntil();

  /** Returns how often the job is expected to succeed. */
  Optional<Duration> every();

  /** Returns when the job was first named. */
  Instant registeredAt();

  /** Returns when the last run began. */
  Optional<Instant> startedAt();

  /** Returns when the last run ended that did end. */
  Optional<Instant> finishedAt();

  /** Returns when a run last succeeded. */
  Optional<Instant> succeededAt();

  /** Returns how the last run ended that did end. */
  Optional<Outcome> outcome();

  /** Returns what the last run said about itself, or why it failed. */
  Optional<String> detail();

  /** Returns where the next run goes on. */
  Optional<String> checkpoint();

  /** Returns the database's time at which all this was read. */
  Instant readAt();

  /**
   * Returns by how much the last success (or the registration, where there is none) is older than
   * {@link #every}; empty where it is not, or nothing is expected.
   */
  default Optional<Duration> overdue() {
    return every()
        .map(every -> Duration.between(succeededAt().orElse(registeredAt()), readAt()).minus(every))
        .filter(late -> !late.isNegative() && !late.isZero());
  }

  /** How a run ended. */
  enum Outcome {
    /** It did all there was to do. */
    SUCCEEDED,

    /** It stopped before its end, as when a budget is used up; the next run goes on there. */
    INCOMPLETE,

    /** It threw. */
    FAILED
  }
}
