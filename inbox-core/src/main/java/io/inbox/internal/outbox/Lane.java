package io.inbox.internal.outbox;

import io.inbox.outbox.OutboxMessage;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What is kept in order: the messages of one tenant, topic and key. A message without a key has a
 * lane of its own.
 */
final class Lane {
  /** No key holds a control character, so no two lanes have the same text. */
  private static final char SEPARATOR = '\n';

  private Lane() {}

  static String of(OutboxMessage message) {
    return of(message.tenant(), message.topic(), message.key().orElse(null), message.id());
  }

  static String of(String tenant, String topic, @Nullable String key, UUID id) {
    String channel = tenant + SEPARATOR + topic + SEPARATOR;
    return key == null ? channel + SEPARATOR + id : channel + key;
  }

  /**
   * Returns the slot of a lane: CRC-32C (RFC 3720, appendix B.4) of its UTF-8 bytes, modulo the
   * number of slots. Writers of all versions must agree on it.
   */
  static int slot(String lane, int slots) {
    CRC32C hash = new CRC32C();
    hash.update(lane.getBytes(StandardCharsets.UTF_8));
    return (int) (hash.getValue() % slots);
  }
}
