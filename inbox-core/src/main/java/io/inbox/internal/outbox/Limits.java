package io.inbox.internal.outbox;

import io.inbox.error.InvalidMessageException;
import io.inbox.error.UsageException;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.OutboxSettings;

/** Refuses what breaks a limit of the outbox. */
final class Limits {
  private Limits() {}

  static void check(OutboxSettings settings, OutboxMessage message) {
    if (message.payload().length > settings.maxPayloadBytes()) {
      throw new InvalidMessageException(
          "IBX-131",
          "payload of outbox message "
              + message.id()
              + " for topic "
              + message.topic()
              + " has "
              + message.payload().length
              + " bytes > "
              + settings.maxPayloadBytes()
              + " (send a reference to it instead, or raise OutboxSettings.maxPayloadBytes if the broker takes it)");
    }
    if (settings.requireKeys() && message.key().isEmpty()) {
      throw new InvalidMessageException(
          "IBX-403",
          "outbox message "
              + message.id()
              + " for topic "
              + message.topic()
              + " has no key, but this outbox requires one to keep an order (set OutboxMessage.Builder.key)");
    }
  }

  /** Checks what one transaction holds. */
  static void check(OutboxSettings settings, int messages, long bytes) {
    if (messages > settings.maxMessagesPerTransaction()) {
      throw new UsageException(
          "IBX-404",
          "more than "
              + settings.maxMessagesPerTransaction()
              + " outbox messages in one transaction (split the work, or raise OutboxSettings.maxMessagesPerTransaction)");
    }
    if (bytes > settings.maxBytesPerTransaction()) {
      throw new UsageException(
          "IBX-404",
          "more than "
              + settings.maxBytesPerTransaction()
              + " bytes of outbox payloads in one transaction (split the work, or raise OutboxSettings.maxBytesPerTransaction)");
    }
  }
}
