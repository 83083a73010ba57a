package io.inbox.reconciler;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a run of the collector removed, or what a preview says that one would remove. */
public interface CollectorReport {
  /** Returns whether nothing was removed, only counted. */
  boolean isPreview();

  /** Returns the database's time from which all ages were counted. */
  Instant startedAt();

  /**
   * Returns why the run stopped before its end, as when a budget was used up: the next run goes on
   * there. Empty if it came to its end.
   */
  Optional<String> stopped();

  /** Returns how many keys were removed. */
  long messages();

  /** Returns how many stored results went with their keys. */
  long results();

  /** Returns how many copies of what handlers appended to the outbox went with their keys. */
  long keptCopies();

  /** Returns how many counts of attempts were removed, of keys that are gone. */
  long attempts();

  /** Returns how many settled dead letters of the inbox were removed. */
  long deadLetters();

  /** Returns how many settled dead letters of the outbox were removed. */
  long outboxDeadLetters();

  /** Returns how many resolved findings were removed. */
  long findings();

  /** Returns the days, in UTC, whose buckets were dropped; their keys are among the others. */
  List<LocalDate> buckets();

  /** Returns the sum of all that was removed. */
  default long total() {
    return messages()
        + results()
        + keptCopies()
        + attempts()
        + deadLetters()
        + outboxDeadLetters()
        + findings();
  }

  /** Returns each registered consumer, by name. */
  List<OfConsumer> consumers();

  /**
   * Returns consumers that have keys but are not registered, with how many were passed: nothing
   * says how long theirs must be kept, so they are.
   */
  Map<String, Long> unregistered();

  /** Returns how many batches were made. */
  long batches();

  /** Returns how many batches were given up because a row was locked by somebody else. */
  long hinderedBatches();

  /**
   * Returns how many places (pages, on PostgreSQL) are left to the next run for the same reason.
   */
  long skippedPlaces();

  /** Returns for how long the collector left the database to others. */
  Duration paused();

  /** Returns how long the run took. */
  Duration elapsed();

  /** Returns what an operator should know, a sentence each. */
  List<String> remarks();

  /**
   * One consumer.
   *
   * @param consumer its name
   * @param horizon its purge horizon: rows of before then may be gone
   * @param messages how many of its keys were removed
   * @param attempts how many of its counts of attempts
   * @param deadLetters how many of its settled dead letters
   */
  record OfConsumer(
      String consumer, Instant horizon, long messages, long attempts, long deadLetters) {}
}
