package io.inbox;

import io.inbox.internal.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether two messages with one key say the same. Off unless given to {@link
 * Inbox.Builder#fingerprint}. Thread-safe.
 *
 * <p>What counts as "the same" is explicit: {@link #ofPayload()} takes every byte; {@link
 * #canonical} takes the bytes a canonicaliser makes of the payload, for instance RFC 8785 for JSON,
 * so that white space and the order of members do not matter.
 */
@FunctionalInterface
public interface Fingerprint {
  /**
   * Returns the SHA-256 of what the message says, 32 bytes, or null where this message is not to be
   * compared.
   *
   * <p>Must not throw.
   */
  byte @Nullable [] of(Message message);

  /** Returns the fingerprint of the payload as it is, byte for byte. */
  static Fingerprint ofPayload() {
    return message -> Sha256.of(message.payload());
  }

  /**
   * Returns the fingerprint of the canonical form of the payload. A payload that has none, because
   * it is damaged, counts byte for byte: it then differs from every intact one.
   */
  static Fingerprint canonical(Canonicalizer canonicalizer) {
    return message -> {
      byte[] payload = message.payload();
      try {
        return Sha256.of(canonicalizer.canonicalize(payload));
      } catch (RuntimeException e) {
        return Sha256.of(payload);
      }
    };
  }

  /** Brings equal payloads to equal bytes. Thread-safe. */
  @FunctionalInterface
  interface Canonicalizer {
    /**
     * Returns the canonical form.
     *
     * @throws RuntimeException naming the place, never the content, when the payload has none
     */
    byte[] canonicalize(byte[] payload);
  }
}
