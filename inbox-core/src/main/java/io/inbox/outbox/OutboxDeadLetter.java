package io.inbox.outbox;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that a relay gave up and that waits for a person. Immutable.
 *
 * @param id its own id
 * @param message the message; a list leaves headers and payload out
 * @param failure why and when it was given up
 * @param state what became of it
 * @param resolution the reason given when it was requeued or discarded; null while it is open
 */
public record OutboxDeadLetter(
    long id, OutboxMessage message, Failure failure, State state, @Nullable String resolution) {

  /**
   * Why and when a message was given up.
   *
   * @param reason {@code ATTEMPTS_EXHAUSTED} or {@code REJECTED}
   * @param attempts how often it was tried
   * @param error what the publisher said last
   * @param at when, by the database's clock
   */
  public record Failure(String reason, int attempts, @Nullable String error, Instant at) {}

  /** What became of a dead letter. */
  public enum State {
    /** It waits for a person. */
    OPEN,

    /** It is in the outbox again, or was published since. */
    REQUEUED,

    /** It was given up for good. */
    DISCARDED
  }
}
