package io.inbox;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What happened to one delivery. {@link #acknowledge()} says whether the broker may forget it; the
 * cases are closed, their reasons are open ({@link Reason}).
 *
 * @param <R> what the handler returns; {@code Void} for a handler that returns nothing
 */
public sealed interface Outcome<R> {
  /** Returns the key the delivery was decided under. */
  MessageKey key();

  /**
   * Returns whether the delivery is settled for good: acknowledge it if true, deliver it again if
   * false.
   */
  boolean acknowledge();

  /**
   * The handler ran and everything it wrote is committed with the key.
   *
   * @param key the key
   * @param result what the handler returned, null for nothing
   */
  record Processed<R>(MessageKey key, @Nullable R result) implements Outcome<R> {
    @Override
    public boolean acknowledge() {
      return true;
    }
  }

  /**
   * The key had been handled before; the handler did not run.
   *
   * @param key the key
   * @param handledAt when the first delivery was handled, by the database's clock; null where the
   *     reason does not tell, and for a repeat within one batch
   * @param result the first result where {@link DuplicatePolicy#RETURN_FIRST_RESULT} asks for it
   *     and one was stored, else null
   * @param reason why it is a duplicate
   */
  record Duplicate<R>(
      MessageKey key, @Nullable Instant handledAt, @Nullable R result, Reason reason)
      implements Outcome<R> {
    @Override
    public boolean acknowledge() {
      return true;
    }
  }

  /**
   * The key had been handled with another fingerprint. The handler did not run, the first row
   * stays, this copy is stored as a dead letter.
   *
   * @param key the key
   * @param deadLetterId the dead letter that holds this copy
   */
  record Mismatch<R>(MessageKey key, long deadLetterId) implements Outcome<R> {
    @Override
    public boolean acknowledge() {
      return true;
    }
  }

  /**
   * The message time lies outside the dedupe window, so nobody can say whether it was handled: the
   * message is stored as a dead letter. Or its position lies at or behind the {@link Watermark}, so
   * it was handled before, and nothing is stored. The handler did not run.
   *
   * @param key the key
   * @param reason {@link Reason#TOO_OLD}, {@link Reason#PURGED}, {@link Reason#TOO_FAR_AHEAD},
   *     {@link Reason#BEHIND_WATERMARK}, or one that a later mode adds
   * @param deadLetterId the dead letter that holds the message, 0 if there is none
   */
  record OutsideWindow<R>(MessageKey key, Reason reason, long deadLetterId) implements Outcome<R> {
    @Override
    public boolean acknowledge() {
      return true;
    }
  }

  /**
   * The message was given up, now or at an earlier delivery; it waits as a dead letter.
   *
   * @param key the key
   * @param reason why it was given up; {@link Reason#SAME_KEY} where an earlier delivery was
   * @param cause what the last attempt threw, null where this delivery did not run the handler
   */
  record DeadLettered<R>(MessageKey key, Reason reason, @Nullable Throwable cause)
      implements Outcome<R> {
    @Override
    public boolean acknowledge() {
      return true;
    }
  }

  /**
   * Everything was rolled back. Deliver the message again, not before {@code retryAfter}.
   *
   * @param key the key
   * @param cause what went wrong
   * @param reason {@link Reason#HANDLER_FAILED}, {@link Reason#DATABASE_UNAVAILABLE}, {@link
   *     Reason#CONTENTION}, or one that a later mode adds
   * @param attempt how many attempts of this key have been counted, 0 where this one was not
   * @param retryAfter how long to wait before the next delivery, jitter included
   */
  record Failed<R>(MessageKey key, Throwable cause, Reason reason, int attempt, Duration retryAfter)
      implements Outcome<R> {
    @Override
    public boolean acknowledge() {
      return false;
    }
  }

  /**
   * It cannot be decided yet: another transaction holds the key, or the fate of a commit is
   * unknown, or an earlier message comes first, or it is another owner's to decide. The message is
   * not lost; deliver it again.
   *
   * @param key the key
   * @param reason {@link Reason#BUSY}, {@link Reason#COMMIT_IN_DOUBT}, {@link
   *     Reason#BEHIND_ANOTHER}, {@link Reason#FENCED}, or one that a later mode adds
   * @param retryAfter how long to wait before the next delivery, jitter included
   */
  record InFlight<R>(MessageKey key, Reason reason, Duration retryAfter) implements Outcome<R> {
    @Override
    public boolean acknowledge() {
      return false;
    }
  }
}
