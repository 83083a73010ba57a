package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions move from one consumer to another in the middle of the work. */
final class RebalanceTest {
  private static final Broker BROKER = Broker.shared();
  private static final int PARTITIONS = 4;

  private final TestInbox inbox = TestInbox.onH2("rebalance");

  @AfterEach
  void close() {
    inbox.close();
  }

  /** With the classic protocol, eager and cooperative, and with the broker's own. */
  @ParameterizedTest
  @ValueSource(strings = {"Range", "CooperativeSticky", "consumer"})
  void consumersComeAndGo(String how) throws Exception {
    String topic = BROKER.topic(PARTITIONS);
    List<String> expected = send(topic, 1_500);
    try (KafkaInbox first = start(topic, how)) {
      Tests.eventually("some handled", () -> inbox.effects().size() > 200);
      try (KafkaInbox second = start(topic, how)) {
        expected.addAll(send(topic, 1_500));
        Tests.eventually("more handled", () -> inbox.effects().size() > 2_000);
        first.close();
        awaitCommitted(topic, 3_000);
        assertThat(second.failure()).isEmpty();
      }
      assertThat(first.failure()).isEmpty();
    }
    assertExactlyOnceAndInOrder(expected);
  }

  /** What a killed process leaves: commits in the database, none in Kafka. */
  @Test
  void aConsumerThatVanishesIsReplaced() throws Exception {
    String topic = BROKER.topic(PARTITIONS);
    List<String> expected = send(topic, 600);
    Map<String, Object> config = BROKER.consumer(group(topic));
    config.put("auto.offset.reset", "earliest");
    config.put("enable.auto.commit", false);
    RecordHandler records = inbox.records();
    try (KafkaConsumer<byte[], byte[]> vanishing =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      vanishing.subscribe(List.of(topic));
      int handled = 0;
      while (handled < 300) {
        ConsumerRecords<byte[], byte[]> polled = vanishing.poll(Duration.ofSeconds(1));
        records.handle(polled);
        handled += polled.count();
      }
    }
    assertThat(inbox.effects()).hasSizeGreaterThanOrEqualTo(300);
    try (KafkaInbox next = start(topic, "Range")) {
      awaitCommitted(topic, 600);
      assertThat(next.failure()).isEmpty();
    }
    assertExactlyOnceAndInOrder(expected);
  }

  /** Its transaction is still open when the partitions have gone to another consumer. */
  @Test
  void aZombieNeitherDoublesAnEffectNorCommitsAnOffset() throws Exception {
    String topic = BROKER.topic(1);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicBoolean firstRun = new AtomicBoolean(true);
    RecordHandler records =
        inbox.records(
            (fresh, tx) -> {
              boolean stuck = firstRun.getAndSet(false);
              TestInbox.note(fresh, tx);
              if (stuck) {
                entered.countDown();
                Tests.await(go);
              }
            });
    List<String> expected = List.of("a:1", "a:2", "b:1");
    BROKER.send(expected.stream().map(text -> record(topic, 0, text)).toList());
    KafkaInbox zombie =
        KafkaInbox.builder(BROKER.consumer(group(topic)), records)
            .topics(topic)
            .closeWait(Duration.ZERO)
            .revokeWait(Duration.ZERO)
            .start();
    Tests.await(entered);
    zombie.close();
    try (KafkaInbox next = start(topic, "Range")) {
      assertThat(BROKER.committed(group(topic), topic, 0)).isZero();
      go.countDown();
      awaitCommitted(topic, 3);
      assertThat(next.failure()).isEmpty();
    }
    assertExactlyOnceAndInOrder(expected);
  }

  @Test
  void anEmptyTopicIsLeftInPeace() throws Exception {
    String topic = BROKER.topic(1);
    KafkaInbox loop = start(topic, "Range");
    assertThat(loop.running()).isTrue();
    loop.close();
    assertThat(loop.running()).isFalse();
    assertThat(loop.failure()).isEmpty();
  }

  private KafkaInbox start(String topic, String how) {
    Map<String, Object> config = BROKER.client();
    config.put("group.id", group(topic));
    if (how.equals("consumer")) {
      config.put("group.protocol", "consumer");
    } else {
      config.putAll(BROKER.consumer(group(topic)));
      config.put(
          "partition.assignment.strategy", "org.apache.kafka.clients.consumer." + how + "Assignor");
    }
    return KafkaInbox.builder(config, inbox.records()).topics(topic).batchSize(50).start();
  }

  /** In each partition a few keys, whose messages are counted. */
  private List<String> send(String topic, int count) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int partition = i % PARTITIONS;
      String text = "p" + partition + "k" + i % 28 + ":" + System.nanoTime();
      texts.add(text);
      records.add(record(topic, partition, text));
    }
    BROKER.send(records);
    return texts;
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, int partition, String text) {
    return Tests.record(topic, partition, text.replaceAll(":.*", ""), text);
  }

  private void assertExactlyOnceAndInOrder(List<String> expected) {
    assertThat(inbox.effects()).hasSize(expected.size());
    assertThat(Tests.byKey(inbox.effects())).isEqualTo(Tests.byKey(expected));
  }

  private static void awaitCommitted(String topic, long records) throws Exception {
    Tests.eventually(
        records + " records of " + topic + " committed",
        () -> {
          long sum = 0;
          for (int partition = 0; partition < PARTITIONS; partition++) {
            sum += BROKER.committed(group(topic), topic, partition);
          }
          return sum == records;
        });
  }

  private static String group(String topic) {
    return "group-" + topic;
  }
}
