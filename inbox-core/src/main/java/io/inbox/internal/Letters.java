package io.inbox.internal;

import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Reason;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.NewDeadLetter;
import org.jspecify.annotations.Nullable;

/** Makes dead letters out of messages. */
final class Letters {
  private static final int ERROR_CHARACTERS = 2_000;

  private Letters() {}

  /** Returns the letter of one copy: the same copy again is the same letter. */
  static NewDeadLetter ofCopy(ClaimRequest request, Reason reason) {
    MessageKey key = request.key();
    byte[] content =
        request.fingerprint() == null ? request.message().payload() : request.fingerprint();
    byte[] digest =
        Sha256.ofParts(
            Sha256.utf8(reason.code()),
            Sha256.utf8(key.tenant()),
            Sha256.utf8(key.consumer()),
            Sha256.utf8(key.source()),
            Sha256.utf8(key.messageId()),
            content);
    return filled(new NewDeadLetter(digest, key.tenant(), key.consumer(), key, reason), request);
  }

  /** Returns the letter of a message that was given up. */
  static NewDeadLetter ofFailure(
      ClaimRequest request, Reason reason, int attempts, @Nullable Throwable cause) {
    MessageKey key = request.key();
    NewDeadLetter letter =
        filled(new NewDeadLetter(null, key.tenant(), key.consumer(), key, reason), request);
    letter.attempts = attempts;
    letter.error = cause == null ? null : describe(cause);
    return letter;
  }

  /** Returns class and message of an error, cut, without what PostgreSQL cannot store. */
  static String describe(Throwable cause) {
    String text = cause.toString().replace('\0', '?');
    if (text.length() <= ERROR_CHARACTERS) {
      return text;
    }
    int end =
        Character.isHighSurrogate(text.charAt(ERROR_CHARACTERS - 1))
            ? ERROR_CHARACTERS - 1
            : ERROR_CHARACTERS;
    return text.substring(0, end);
  }

  private static NewDeadLetter filled(NewDeadLetter letter, ClaimRequest request) {
    Message message = request.message();
    letter.time = message.time().orElse(null);
    letter.subject = message.subject().orElse(null);
    letter.correlationId = message.correlationId().orElse(null);
    letter.fingerprint = request.fingerprint();
    letter.headers = message.headers();
    letter.payload = message.hasPayload() ? message.payload() : null;
    return letter;
  }
}
