package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import io.inbox.error.InboxException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.StringSerializer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigurationTest {
  private static final String NOBODY = "localhost:1";
  private static TestInbox inbox;

  @BeforeAll
  static void open() {
    inbox = TestInbox.onH2("configuration");
  }

  @AfterAll
  static void close() {
    inbox.close();
  }

  @ParameterizedTest
  @CsvSource({
    "IBX-802, enable.idempotence, false",
    "IBX-802, acks, 1",
    "IBX-802, max.in.flight.requests.per.connection, 5",
    "IBX-802, partitioner.ignore.keys, true",
    "IBX-802, transactional.id, t",
    "IBX-802, key.serializer, org.apache.kafka.common.serialization.StringSerializer",
    "IBX-802, value.serializer, org.apache.kafka.common.serialization.StringSerializer",
    "IBX-802, request.timeout.ms, 30000",
    "IBX-802, delivery.timeout.ms, 100",
    "IBX-802, linger.ms, 9000",
    "IBX-803, delivery.timeout.ms, soon",
    "IBX-803, retries, 0",
    "IBX-803, compression.type, squeezed",
    "IBX-801, bootstrap.servers, ' '",
    "IBX-803, bootstrap.servers, no port",
  })
  void aPublisherRefuses(String code, String name, String value) {
    Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", NOBODY));
    config.put(name, value);
    refused(
        code,
        name.contains("timeout") || name.equals("linger.ms") ? "" : name,
        () -> KafkaPublisher.builder(config).build());
  }

  @Test
  void aPublisherRefusesWhatIsMissing() {
    refused("IBX-801", "bootstrap.servers", () -> KafkaPublisher.builder(Map.of()).build());
    refused("IBX-801", "null", () -> KafkaPublisher.builder(null).build());
    refused("IBX-804", "topic", () -> KafkaPublisher.builder(Map.of()).topic(null));
    refused(
        "IBX-802",
        "StringSerializer",
        () ->
            KafkaPublisher.builder(
                    Map.of("bootstrap.servers", NOBODY, "key.serializer", StringSerializer.class))
                .build());
  }

  @ParameterizedTest
  @CsvSource({
    "enable.idempotence, TRUE",
    "acks, -1",
    "acks, all",
    "max.in.flight.requests.per.connection, 1",
    "linger.ms, 5000",
    "compression.type, zstd",
  })
  void aPublisherAccepts(String name, String value) {
    Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", NOBODY));
    config.put(name, value);
    KafkaPublisher.builder(config).build().close();
  }

  @ParameterizedTest
  @CsvSource({
    "IBX-802, enable.auto.commit, true",
    "IBX-802, key.deserializer, org.apache.kafka.common.serialization.StringDeserializer",
    "IBX-802, value.deserializer, org.apache.kafka.common.serialization.StringDeserializer",
    "IBX-802, max.poll.records, 7",
    "IBX-803, auto.offset.reset, sometimes",
    "IBX-803, max.poll.interval.ms, soon",
    "IBX-804, max.poll.interval.ms, 10000",
    "IBX-801, bootstrap.servers, ''",
    "IBX-801, group.id, ''",
  })
  void aLoopRefuses(String code, String name, String value) {
    Map<String, Object> config =
        new HashMap<>(Map.of("bootstrap.servers", NOBODY, "group.id", "g"));
    config.put(name, value);
    refused(
        code,
        name,
        () -> KafkaInbox.builder(config, inbox.records()).topics("t").batchSize(8).start());
  }

  @Test
  void aLoopRefusesOptions() {
    Map<String, Object> config = Map.of("bootstrap.servers", NOBODY, "group.id", "g");
    RecordHandler records = inbox.records();
    refused("IBX-804", "configuration", () -> KafkaInbox.builder(null, records));
    refused("IBX-804", "record handler", () -> KafkaInbox.builder(config, null));
    refused("IBX-804", "no topic", () -> KafkaInbox.builder(config, records).start());
    refused("IBX-804", "blank", () -> KafkaInbox.builder(config, records).topics(" "));
    for (int size : new int[] {0, 10_001}) {
      refused(
          "IBX-804",
          "batchSize",
          () -> KafkaInbox.builder(config, records).topics("t").batchSize(size).start());
    }
    refused(
        "IBX-804",
        "revokeWait",
        () -> KafkaInbox.builder(config, records).topics("t").revokeWait(null).start());
    refused(
        "IBX-804",
        "closeWait",
        () ->
            KafkaInbox.builder(config, records)
                .topics("t")
                .closeWait(java.time.Duration.ofSeconds(-1))
                .start());
    refused(
        "IBX-804",
        "identity",
        () ->
            RecordHandler.builder(inbox.inbox(), (fresh, tx) -> {})
                .requireId()
                .identity(record -> null)
                .build());
    refused("IBX-804", "inbox", () -> RecordHandler.builder(null, (fresh, tx) -> {}));
  }

  private static void refused(String code, String word, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(word)
        .satisfies(e -> assertThat(((InboxException) e).code()).isEqualTo(code));
  }
}
