package io.inbox.spi;

import io.inbox.Message;
import io.inbox.MessageKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One key to claim, with what is stored beside it. The array is not copied.
 *
 * @param key the key
 * @param message the message
 * @param fingerprint its fingerprint, or null
 * @param keyTime the time that the key carries, to the millisecond, where the consumer's keys are
 *     in buckets; null if it carries none, and where they are not
 * @param bounded whether the key time must lie within the window; false for a message that somebody
 *     has decided to handle all the same
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; only carried to a statement
public record ClaimRequest(
    MessageKey key,
    Message message,
    byte @Nullable [] fingerprint,
    @Nullable Instant keyTime,
    boolean bounded) {
  /** Creates the request of a consumer without buckets. */
  public ClaimRequest(MessageKey key, Message message, byte @Nullable [] fingerprint) {
    this(key, message, fingerprint, null, true);
  }
}
