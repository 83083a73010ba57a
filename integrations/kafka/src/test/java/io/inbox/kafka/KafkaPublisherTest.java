package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.InboxException;
import io.inbox.error.UsageException;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.PublishResult.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KafkaPublisherTest {
  private static final Broker BROKER = Broker.shared();
  private static final byte[] TOO_LARGE = new byte[2_000];

  @Test
  void sendsKeyPayloadAndHeaders() throws Exception {
    String topic = BROKER.topic(1);
    OutboxMessage full =
        OutboxMessage.to("orders")
            .key("köln")
            .payload(Tests.bytes("paid"))
            .header("traceparent", "00-1")
            .header(OutboxMessage.ID_HEADER, "made up")
            .tenant("acme")
            .correlationId("c1")
            .causationId("m0")
            .build();
    OutboxMessage bare = OutboxMessage.of("orders", null, null);
    try (KafkaPublisher publisher =
        KafkaPublisher.builder(BROKER.client()).topic(message -> topic).build()) {
      assertThat(kinds(publisher.publish(List.of(full, bare)))).containsOnly(Kind.SENT);
    }

    List<ConsumerRecord<byte[], byte[]>> read = BROKER.read(topic, 2);

    assertThat(Tests.text(read.get(0).key())).isEqualTo("köln");
    assertThat(Tests.text(read.get(0).value())).isEqualTo("paid");
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : read.get(0).headers()) {
      assertThat(headers.put(header.key(), Tests.text(header.value()))).isNull();
    }
    assertThat(headers)
        .isEqualTo(
            Map.of(
                "traceparent",
                "00-1",
                OutboxMessage.ID_HEADER,
                full.id().toString(),
                OutboxMessage.CORRELATION_HEADER,
                "c1",
                OutboxMessage.CAUSATION_HEADER,
                "m0",
                OutboxMessage.TENANT_HEADER,
                "acme"));
    assertThat(read.get(1).key()).isNull();
    assertThat(read.get(1).value()).isNull();
    assertThat(read.get(1).headers()).hasSize(1);
  }

  @Test
  void rejectsWhatIsTooLargeForTheProducerAndHoldsItsKeyBack() throws Exception {
    String topic = BROKER.topic(1);
    Map<String, Object> config = BROKER.client();
    config.put("max.request.size", 1_500);
    List<OutboxMessage> batch = aroundATooLargeOne(topic);
    try (KafkaPublisher publisher = KafkaPublisher.builder(config).build()) {
      assertThat(kinds(publisher.publish(batch)))
          .containsExactly(Kind.SENT, Kind.REJECTED, Kind.SKIPPED, Kind.SENT, Kind.SENT);
    }
    assertThat(texts(BROKER.read(topic, 3))).containsExactlyInAnyOrder("a1", "b1", "none");
  }

  @Test
  void rejectsWhatIsTooLargeForTheTopicAndLetsNothingOfItsKeyOvertake() throws Exception {
    String topic = BROKER.topic(1, Map.of("max.message.bytes", "1500"));
    List<OutboxMessage> batch = aroundATooLargeOne(topic);
    try (KafkaPublisher publisher = KafkaPublisher.builder(BROKER.client()).build()) {
      List<PublishResult> results = publisher.publish(batch);

      assertThat(results.get(1).kind()).isEqualTo(Kind.REJECTED);
      assertThat(results.get(1).error()).contains("RecordTooLarge");
      assertThat(results.get(2).kind()).isEqualTo(Kind.SKIPPED);
      assertThat(kinds(results)).contains(Kind.REJECTED).doesNotContain(Kind.FAILED);

      // What was cut off is sent by the next call, on a new producer.
      List<OutboxMessage> rest = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        if (i != 1 && results.get(i).kind() != Kind.SENT) {
          rest.add(batch.get(i));
        }
      }
      assertThat(kinds(publisher.publish(rest))).containsOnly(Kind.SENT);
    }
    List<String> arrived =
        texts(BROKER.read(topic, all -> texts(all).containsAll(List.of("a3", "b1", "none"))));
    assertThat(firsts(arrived)).containsExactlyInAnyOrder("a1", "a3", "b1", "none");
    assertThat(arrived.indexOf("a1")).isLessThan(arrived.indexOf("a3"));
  }

  /**
   * A relay in small: what was not sent comes again, what the topic found too large comes again
   * smaller, and the first arrivals of each key are in order all the same.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void keepsTheOrderOfEachKeyWhateverFailsInBetween(long seed) throws Exception {
    String topic = BROKER.topic(3, Map.of("max.message.bytes", "1500"));
    Random random = new Random(seed);
    List<OutboxMessage> backlog = new ArrayList<>();
    Map<UUID, String> texts = new HashMap<>();
    for (int i = 0; i < 600; i++) {
      String key = "k" + random.nextInt(20);
      String text = key + ":" + i;
      byte[] payload = random.nextInt(30) == 0 ? TOO_LARGE : Tests.bytes(text);
      OutboxMessage message = OutboxMessage.of(topic, key, payload);
      backlog.add(message);
      texts.put(message.id(), text);
    }
    List<String> expected = backlog.stream().map(message -> texts.get(message.id())).toList();
    int calls = 0;
    int failures = 0;
    try (KafkaPublisher publisher = KafkaPublisher.builder(BROKER.client()).build()) {
      while (!backlog.isEmpty()) {
        assertThat(++calls).isLessThan(200);
        List<OutboxMessage> batch = backlog.subList(0, Math.min(100, backlog.size()));
        List<PublishResult> results = publisher.publish(List.copyOf(batch));
        assertThat(kinds(results))
            .containsAnyOf(Kind.SENT, Kind.REJECTED)
            .doesNotContain(Kind.FAILED, Kind.UNAVAILABLE);
        for (int i = results.size() - 1; i >= 0; i--) {
          if (results.get(i).kind() == Kind.SENT) {
            batch.remove(i);
          } else if (results.get(i).kind() == Kind.REJECTED) {
            failures++;
            String text = texts.get(batch.get(i).id());
            batch.set(i, batch.get(i).toBuilder().payload(Tests.bytes(text)).build());
          }
        }
      }
    }
    assertThat(failures).isGreaterThan(5);
    List<ConsumerRecord<byte[], byte[]>> read =
        BROKER.read(topic, all -> Set.copyOf(texts(all)).size() >= expected.size());
    assertThat(Tests.byKey(firsts(texts(read)))).isEqualTo(Tests.byKey(expected));
  }

  @Test
  void anUnknownTopicIsUnavailableAndHoldsUpTheOthersOnce() throws Exception {
    String topic = BROKER.topic(1);
    Map<String, Object> config = BROKER.client();
    config.put("max.block.ms", 1_000);
    List<OutboxMessage> batch =
        List.of(
            OutboxMessage.of("nowhere", "k", null),
            OutboxMessage.of("nowhere", "k", null),
            OutboxMessage.of("nowhere", null, null),
            OutboxMessage.of(topic, "k", Tests.bytes("a")));
    try (KafkaPublisher publisher = KafkaPublisher.builder(config).build()) {
      // Whether there was time left for the last one is not said.
      assertThat(kinds(publisher.publish(batch)))
          .startsWith(Kind.UNAVAILABLE, Kind.SKIPPED, Kind.UNAVAILABLE);
      assertThat(kinds(publisher.publish(batch)))
          .containsExactly(Kind.UNAVAILABLE, Kind.SKIPPED, Kind.UNAVAILABLE, Kind.SENT);
    }
  }

  @Test
  void rejectsWhatHasNoUsableTopic() throws Exception {
    String topic = BROKER.topic(1);
    try (KafkaPublisher publisher =
        KafkaPublisher.builder(BROKER.client())
            .topic(
                message ->
                    switch (message.topic()) {
                      case "slash" -> "a/b";
                      case "none" -> null;
                      case "broken" -> throw new IllegalStateException("no such topic");
                      default -> topic;
                    })
            .build()) {
      List<PublishResult> results =
          publisher.publish(
              List.of(
                  OutboxMessage.of("slash", "k", null),
                  OutboxMessage.of("none", "k", null),
                  OutboxMessage.of("broken", "k", null),
                  OutboxMessage.of("fine", "k", null)));
      assertThat(kinds(results))
          .containsExactly(Kind.REJECTED, Kind.REJECTED, Kind.REJECTED, Kind.SENT);
    }
  }

  @Test
  void servesSeveralThreads() throws Exception {
    String topic = BROKER.topic(2);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (KafkaPublisher publisher = KafkaPublisher.builder(BROKER.client()).build()) {
      List<Future<List<PublishResult>>> calls = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String name = "m" + i;
        calls.add(
            threads.submit(
                () ->
                    publisher.publish(List.of(OutboxMessage.of(topic, name, Tests.bytes(name))))));
      }
      for (Future<List<PublishResult>> call : calls) {
        assertThat(kinds(call.get())).containsExactly(Kind.SENT);
      }
    } finally {
      threads.shutdown();
    }
    assertThat(BROKER.read(topic, 20)).hasSize(20);
  }

  @Test
  void refusesToPublishOnceClosed() {
    KafkaPublisher publisher = KafkaPublisher.builder(BROKER.client()).build();
    publisher.close();
    publisher.close();
    assertThatThrownBy(() -> publisher.publish(List.of(OutboxMessage.of("t", null, null))))
        .isInstanceOf(UsageException.class)
        .extracting(e -> ((InboxException) e).code())
        .isEqualTo("IBX-805");
  }

  private static List<OutboxMessage> aroundATooLargeOne(String topic) {
    return List.of(
        OutboxMessage.of(topic, "a", Tests.bytes("a1")),
        OutboxMessage.of(topic, "a", TOO_LARGE),
        OutboxMessage.of(topic, "a", Tests.bytes("a3")),
        OutboxMessage.of(topic, "b", Tests.bytes("b1")),
        OutboxMessage.of(topic, null, Tests.bytes("none")));
  }

  static List<Kind> kinds(List<PublishResult> results) {
    return results.stream().map(PublishResult::kind).toList();
  }

  static List<String> texts(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream().map(record -> Tests.text(record.value())).toList();
  }

  /** The first arrival of each, in their order. */
  static List<String> firsts(List<String> arrived) {
    return List.copyOf(new LinkedHashSet<>(arrived));
  }
}
