package io.inbox.outbox;

import java.util.List;
import java.util.Optional;

/**
 * The messages that relays gave up. Each call is one transaction of its own and blocks until it
 * ends. Needs the rights of a relay. Thread-safe.
 *
 * <p>Every method throws {@link io.inbox.error.RetryLaterException} when the database cannot be
 * reached, and {@link io.inbox.error.DatabaseException} when it refuses.
 */
public interface OutboxDeadLetters {
  /** Returns dead letters in the order they were given up, without headers and payload. */
  List<OutboxDeadLetter> list(OutboxDeadLetterQuery query);

  /** Returns one dead letter, with headers and payload. */
  Optional<OutboxDeadLetter> show(long id);

  /**
   * Puts an open dead letter into the outbox again, under the same message id, behind the messages
   * of its key that wait now: what was published meanwhile is not taken back.
   *
   * @param reason why, stored with the letter; not blank
   * @throws io.inbox.error.UsageException if there is no such open letter, or the reason is missing
   */
  void requeue(long id, String reason);

  /**
   * Ends an open dead letter without publishing it.
   *
   * @param reason why, stored with the letter; not blank
   * @throws io.inbox.error.UsageException if there is no such open letter, or the reason is missing
   */
  void discard(long id, String reason);
}
