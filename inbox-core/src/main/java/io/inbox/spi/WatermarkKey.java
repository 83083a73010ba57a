package io.inbox.spi;

import io.inbox.error.InvalidMessageException;
import io.inbox.internal.KeyText;

/**
 * Which watermark: one partition of one ordered stream, for one consumer. Immutable.
 *
 * @param tenant whose messages they are, by the rules of {@link io.inbox.MessageKey#tenant()}
 * @param consumer which handler handles them
 * @param stream what the positions belong to, such as a topic; 1 to 200 characters, by the rules of
 *     {@link io.inbox.MessageKey#messageId()}
 * @param partition which part of the stream, zero or more
 */
public record WatermarkKey(String tenant, String consumer, String stream, int partition) {
  /**
   * Validates the parts.
   *
   * @throws InvalidMessageException naming the part and the rule it breaks
   */
  public WatermarkKey {
    KeyText.tenant(tenant);
    KeyText.consumer(consumer);
    KeyText.stream(stream);
    if (partition < 0) {
      throw new InvalidMessageException(
          "IBX-115",
          "partition is " + partition + ", it must be 0 or more (0 where a stream has no parts)");
    }
  }

  /** Returns consumer, stream and partition, after the tenant if there is one. */
  @Override
  public String toString() {
    return (tenant.isEmpty() ? "" : tenant + "/") + consumer + "/" + stream + "-" + partition;
  }
}
