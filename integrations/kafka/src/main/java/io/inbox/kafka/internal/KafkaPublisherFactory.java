package io.inbox.kafka.internal;

import io.inbox.kafka.KafkaPublisher;
import io.inbox.outbox.Publisher;
import io.inbox.spi.PublisherFactory;
import java.util.Map;

/**
 * The publisher {@code kafka}: its options are the properties of a Kafka producer, as {@link
 * KafkaPublisher#builder} takes them. Each message goes to the topic of its own name.
 */
public final class KafkaPublisherFactory implements PublisherFactory {
  /** For the service loader. */
  public KafkaPublisherFactory() {}

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public Publisher create(Map<String, String> options) {
    return KafkaPublisher.builder(Map.copyOf(options)).build();
  }
}
