package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.outbox.Publisher;
import io.inbox.spi.PublisherFactory;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** A program that knows only the name finds the publisher. */
final class PublisherFactoryTest {
  @Test
  void isFoundByNameAndTakesTheProducersProperties() {
    PublisherFactory kafka =
        ServiceLoader.load(PublisherFactory.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(factory -> factory.name().equals("kafka"))
            .findFirst()
            .orElseThrow();
    try (Publisher publisher =
        kafka.create(Map.of("bootstrap.servers", "localhost:1", "compression.type", "gzip"))) {
      assertThat(publisher).isInstanceOf(KafkaPublisher.class);
    }
    assertThatThrownBy(() -> kafka.create(Map.of("acks", "1")))
        .hasMessageContaining("bootstrap.servers");
  }
}
