package io.inbox;

import io.inbox.internal.KeyText;
import io.inbox.internal.Utf8Order;
import org.jspecify.annotations.Nullable;

/**
 * What is deduplicated: one message for one consumer. Two keys are equal when all four parts are
 * equal byte for byte; nothing is trimmed, folded or normalised.
 *
 * <p>Every part is well-formed Unicode without control characters and without surrounding white
 * space. Immutable.
 */
public final class MessageKey implements Comparable<MessageKey> {
  private final String tenant;
  private final String consumer;
  private final String source;
  private final String messageId;

  /**
   * Validates the parts.
   *
   * @param tenant see {@link #tenant()}
   * @param consumer see {@link #consumer()}
   * @param source see {@link #source()}
   * @param messageId see {@link #messageId()}
   * @throws io.inbox.error.InvalidMessageException naming the part and the rule it breaks
   */
  public MessageKey(String tenant, String consumer, String source, String messageId) {
    KeyText.tenant(tenant);
    KeyText.consumer(consumer);
    KeyText.source(source);
    KeyText.messageId(messageId);
    this.tenant = tenant;
    this.consumer = consumer;
    this.source = source;
    this.messageId = messageId;
  }

  private MessageKey(Message message, String consumer) {
    KeyText.consumer(consumer);
    this.tenant = message.tenant(); // these a message has validated
    this.consumer = consumer;
    this.source = message.source();
    this.messageId = message.id();
  }

  /**
   * Returns the key of a message for a consumer.
   *
   * @throws io.inbox.error.InvalidMessageException if the name of the consumer breaks its rule
   */
  public static MessageKey of(Message message, String consumer) {
    return new MessageKey(message, consumer);
  }

  /** Returns whose message it is; empty where there are no tenants; at most 100 characters. */
  public String tenant() {
    return tenant;
  }

  /** Returns which handler handles it; 1 to 100 letters, digits or {@code ._:/@-}. */
  public String consumer() {
    return consumer;
  }

  /**
   * Returns which producer or channel the id is unique in; empty for none; at most 200 characters
   * and 600 bytes of UTF-8.
   */
  public String source() {
    return source;
  }

  /** Returns the producer's id; 1 to 200 characters and at most 600 bytes of UTF-8. */
  public String messageId() {
    return messageId;
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

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MessageKey key
        && messageId.equals(key.messageId)
        && consumer.equals(key.consumer)
        && source.equals(key.source)
        && tenant.equals(key.tenant);
  }

  @Override
  public int hashCode() {
    int hash = messageId.hashCode();
    hash = 31 * hash + consumer.hashCode();
    hash = 31 * hash + source.hashCode();
    return 31 * hash + tenant.hashCode();
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
