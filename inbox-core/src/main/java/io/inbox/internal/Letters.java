package io.inbox.internal;

import io.inbox.DeadLetter;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Reason;
import io.inbox.spi.ClaimRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes dead letters out of messages. */
final class Letters {
  private static final int ERROR_CHARACTERS = 2_000;

  private Letters() {}

  /**
   * Returns what identifies one copy: the same copy given up for the same reason again is the same
   * letter.
   */
  static byte[] digest(ClaimRequest request, Reason reason) {
    MessageKey key = request.key();
    byte[] content =
        request.fingerprint() == null ? request.message().payload() : request.fingerprint();
    return Sha256.ofParts(
        Sha256.utf8(reason.code()),
        Sha256.utf8(key.tenant()),
        Sha256.utf8(key.consumer()),
        Sha256.utf8(key.source()),
        Sha256.utf8(key.messageId()),
        content);
  }

  /** Returns the letter of a message that is not to be handled, or not any more. */
  static DeadLetter of(
      ClaimRequest request, Reason reason, int attempts, @Nullable Throwable cause) {
    MessageKey key = request.key();
    Message message = request.message();
    return DeadLetter.builder(0, key.tenant(), key.consumer(), reason, DeadLetter.State.OPEN)
        .key(key)
        .failures(attempts, 1, cause == null ? null : describe(cause))
        .about(
            message.time().orElse(null),
            message.subject().orElse(null),
            message.correlationId().orElse(null))
        .content(
            message.headers(),
            message.hasPayload() ? message.payload() : null,
            request.fingerprint())
        .build();
  }

  /** Returns the letter of what cannot become a message; its headers are cut already. */
  static DeadLetter withoutId(
      String tenant,
      String consumer,
      Map<String, String> kept,
      byte @Nullable [] payload,
      String error) {
    return DeadLetter.builder(0, tenant, consumer, Reason.NO_USABLE_ID, DeadLetter.State.OPEN)
        .failures(0, 1, clean(error))
        .content(kept, payload, null)
        .build();
  }

  /** Returns class and message of an error; the class alone where its message cannot be had. */
  static String describe(Throwable cause) {
    try {
      return clean(cause.toString());
    } catch (RuntimeException e) {
      return cause.getClass().getName();
    }
  }

  /** Returns a text cut to what a row keeps, without what PostgreSQL cannot store. */
  static String clean(String text) {
    String storable = text.replace('\0', '?');
    if (storable.length() <= ERROR_CHARACTERS) {
      return storable;
    }
    boolean halves = Character.isHighSurrogate(storable.charAt(ERROR_CHARACTERS - 1));
    return storable.substring(0, halves ? ERROR_CHARACTERS - 1 : ERROR_CHARACTERS);
  }
}
