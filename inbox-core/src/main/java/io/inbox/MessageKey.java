package io.inbox;

import io.inbox.internal.KeyText;
import io.inbox.internal.Utf8Order;

/**
 * What is deduplicated: one message for one consumer. Two keys are equal when all four parts are
 * equal byte for byte; nothing is trimmed, folded or normalised.
 *
 * <p>Every part is well-formed Unicode without control characters and without surrounding white
 * space. Immutable.
 *
 * @param tenant whose message it is; empty where there are no tenants; at most 100 characters
 * @param consumer which handler handles it; 1 to 100 letters, digits or {@code ._:/@-}
 * @param source which producer or channel the id is unique in; empty for none; at most 200
 *     characters and 600 bytes of UTF-8
 * @param messageId the producer's id; 1 to 200 characters and at most 600 bytes of UTF-8
 */
public record MessageKey(String tenant, String consumer, String source, String messageId)
    implements Comparable<MessageKey> {
  /**
   * Validates the parts.
   *
   * @throws io.inbox.error.InvalidMessageException naming the part and the rule it breaks
   */
  public MessageKey {
    KeyText.tenant(tenant);
    KeyText.consumer(consumer);
    KeyText.source(source);
    KeyText.messageId(messageId);
  }

  /**
   * Orders by tenant, consumer, source and message id, each by its UTF-8 bytes: the same order in
   * every database and process.
   */
  @Override
  public int compareTo(MessageKey other) {
    int order = Utf8Order.compare(tenant, other.tenant);
    if (order == 0) {
      order = Utf8Order.compare(consumer, other.consumer);
    }
    if (order == 0) {
      order = Utf8Order.compare(source, other.source);
    }
    return order == 0 ? Utf8Order.compare(messageId, other.messageId) : order;
  }

  /** Returns the parts that are not empty, joined by slashes: for people, not for parsing. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (!tenant.isEmpty()) {
      text.append(tenant).append('/');
    }
    text.append(consumer).append('/');
    if (!source.isEmpty()) {
      text.append(source).append('/');
    }
    return text.append(messageId).toString();
  }
}
