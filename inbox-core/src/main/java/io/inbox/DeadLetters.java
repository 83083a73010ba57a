package io.inbox;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of one consumer. Each call is one transaction of its own and blocks until it
 * ends. Thread-safe.
 *
 * <p>Every method throws {@link io.inbox.error.RetryLaterException} when the database cannot be
 * reached, and {@link io.inbox.error.DatabaseException} when it refuses.
 */
public interface DeadLetters {
  /**
   * Returns the dead letters of one tenant. Without it only those without a tenant are seen, and
   * none where rows are restricted by tenant.
   */
  DeadLetters ofTenant(String tenant);

  /** Returns dead letters in the order they were given up, without headers and payload. */
  List<DeadLetter> list(DeadLetterQuery query);

  /** Returns one dead letter, with headers and payload. */
  Optional<DeadLetter> show(long id);

  /**
   * Stores a message that has no usable id, so that it can be acknowledged and is not lost. The
   * same content again is counted, not stored twice.
   *
   * @param headers the headers, may be empty
   * @param payload the payload
   * @param error why it has no usable id, for people
   * @return the dead letter's id
   */
  long storeWithoutId(Map<String, String> headers, byte @Nullable [] payload, String error);

  /**
   * Handles an open dead letter again, under its key, in one transaction with the key and the
   * letter's end. When the handler fails, the letter stays open.
   *
   * <p>A letter without a usable id is handled under a key made of the letter's own id. One whose
   * copy differs from what was handled, or that lay outside the window, may double an effect: it
   * needs a reason.
   *
   * @param id the dead letter
   * @param reason why, stored with the letter; may be null unless the letter's reason is a
   *     mismatch, the window, or a missing id
   * @param handler makes the handler for the stored message
   * @return Processed; Duplicate if the key was handled meanwhile (the letter stays open: discard
   *     it); Failed or InFlight
   * @throws io.inbox.error.UsageException if there is no such open letter, or the reason is missing
   */
  Outcome<Void> replay(long id, @Nullable String reason, Function<Message, Handler> handler);

  /**
   * Ends an open dead letter without handling it. Its key stays as it is: one that was given up
   * stays given up until its row is deleted.
   *
   * @param reason why, stored with the letter; not blank
   * @throws io.inbox.error.UsageException if there is no such open letter, or the reason is missing
   */
  void discard(long id, String reason);
}
