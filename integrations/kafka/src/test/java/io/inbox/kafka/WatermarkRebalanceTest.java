package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.MessageIds;
import io.inbox.error.ConfigurationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions move while the database remembers where each of them stands. */
final class WatermarkRebalanceTest {
  private static final Broker BROKER = Broker.shared();
  private static final int PARTITIONS = 4;

  private final TestInbox inbox = TestInbox.onH2("watermarks");
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicBoolean firstRun = new AtomicBoolean(true);

  @AfterEach
  void close() {
    go.countDown();
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
        Tests.eventually("all handled", () -> inbox.effects().size() >= 3_000);
        assertThat(second.failure()).isEmpty();
      }
      assertThat(first.failure()).isEmpty();
    }
    assertExactlyOnceAndInOrder(expected);
  }

  /** Its transaction is still open when the partition has gone to another consumer. */
  @Test
  void aZombieInItsTransactionDoublesNothing() throws Exception {
    String topic = BROKER.topic(1);
    RecordHandler records =
        inbox.records(
            (fresh, tx) -> {
              TestInbox.note(fresh, tx);
              stick();
            });
    List<String> expected = List.of("a:1", "a:2", "b:1");
    BROKER.send(expected.stream().map(text -> record(topic, 0, text)).toList());
    leaveBehind(topic, records);
    try (KafkaInbox next = start(topic, "Range")) {
      go.countDown();
      Tests.eventually("all handled", () -> inbox.effects().size() >= 3);
      BROKER.send(List.of(record(topic, 0, "c:1")));
      Tests.eventually("the next handled", () -> inbox.effects().contains("c:1"));
      assertThat(next.failure()).isEmpty();
    }
    assertExactlyOnceAndInOrder(List.of("a:1", "a:2", "b:1", "c:1"));
  }

  /** It has polled, and stands still until another one has handled all of it. */
  @Test
  void aZombieThatWakesUpLaterIsFenced() throws Exception {
    String topic = BROKER.topic(1);
    RecordHandler records =
        RecordHandler.builder(inbox.inbox(), TestInbox::note)
            .identity(
                record -> {
                  stick();
                  return MessageIds.fromPosition(
                      record.topic(), record.partition(), record.offset());
                })
            .build();
    List<String> expected = List.of("a:1", "a:2", "b:1");
    BROKER.send(expected.stream().map(text -> record(topic, 0, text)).toList());
    leaveBehind(topic, records);
    try (KafkaInbox next = start(topic, "Range")) {
      Tests.eventually("all handled", () -> inbox.effects().size() == 3);
      go.countDown();
      BROKER.send(List.of(record(topic, 0, "c:1")));
      Tests.eventually("the next handled", () -> inbox.effects().contains("c:1"));
      assertThat(next.failure()).isEmpty();
    }
    Tests.eventually("the zombie has ended", WatermarkRebalanceTest::noHandlingThread);
    assertExactlyOnceAndInOrder(List.of("a:1", "a:2", "b:1", "c:1"));
  }

  /** Somebody else takes it over although the group says that it is here. */
  @Test
  void aConsumerThatWasFencedByMistakeTakesOverAgain() throws Exception {
    String topic = BROKER.topic(1);
    RecordHandler records = inbox.records();
    try (KafkaInbox loop = start(topic, "Range")) {
      BROKER.send(List.of(record(topic, 0, "a:1")));
      Tests.eventually("handled", () -> inbox.effects().size() == 1);
      records.takeOver(new org.apache.kafka.common.TopicPartition(topic, 0));
      BROKER.send(List.of(record(topic, 0, "a:2")));
      Tests.eventually("handled again", () -> inbox.effects().size() == 2);
      assertThat(loop.failure()).isEmpty();
    }
    assertExactlyOnceAndInOrder(List.of("a:1", "a:2"));
  }

  /** The group knows nothing: it is another one, or its offsets have expired. */
  @Test
  void theDatabaseSaysWhereToGoOn() throws Exception {
    String topic = BROKER.topic(PARTITIONS);
    List<String> expected = send(topic, 100);
    try (KafkaInbox loop = start(topic, "Range")) {
      Tests.eventually("all handled", () -> inbox.effects().size() == 100);
      assertThat(loop.running()).isTrue();
    }
    expected.addAll(send(topic, 100));
    List<Long> offsets = new ArrayList<>();
    RecordHandler seeing =
        inbox.records(
            (fresh, tx) -> {
              fresh.forEach(
                  it -> offsets.add(Long.parseLong(it.headers().get(RecordHandler.OFFSET_HEADER))));
              TestInbox.note(fresh, tx);
            });
    try (KafkaInbox loop =
        KafkaInbox.builder(BROKER.consumer("another-" + topic), seeing)
            .topics(topic)
            .watermarks()
            .start()) {
      Tests.eventually("the rest handled", () -> inbox.effects().size() == 200);
      assertThat(loop.failure()).isEmpty();
    }
    assertThat(offsets).allMatch(offset -> offset >= 100 / PARTITIONS);
    assertExactlyOnceAndInOrder(expected);
  }

  @Test
  void aPartitionIsNotReadBeforeItsWatermarkIsTakenOver() throws Exception {
    String topic = BROKER.topic(1);
    BROKER.send(List.of(record(topic, 0, "a:1")));
    inbox.down(true);
    try (KafkaInbox loop = start(topic, "Range")) {
      Tests.eventually("tried more than once", () -> inbox.refused() > 1);
      assertThat(loop.running()).isTrue();
      inbox.down(false);
      Tests.eventually("handled", () -> inbox.effects().size() == 1);
      assertThat(loop.failure()).isEmpty();
    }
  }

  /** Its new records have offsets that count as handled: they must not be skipped in silence. */
  @Test
  void aTopicThatWasMadeAgainEndsTheLoop() throws Exception {
    String topic = BROKER.topic(1);
    BROKER.send(List.of(record(topic, 0, "a:1"), record(topic, 0, "a:2")));
    try (KafkaInbox loop = start(topic, "Range")) {
      Tests.eventually("handled", () -> inbox.effects().size() == 2);
      assertThat(loop.running()).isTrue();
    }
    try (Admin admin = Admin.create(BROKER.client())) {
      admin.deleteTopics(List.of(topic)).all().get();
      Tests.eventually("deleted", () -> !admin.listTopics().names().get().contains(topic));
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
    BROKER.send(List.of(record(topic, 0, "b:1")));
    try (KafkaInbox loop = start(topic, "Range")) {
      Tests.eventually("ended", () -> loop.failure().isPresent());
      assertThat(loop.running()).isFalse();
      assertThat(loop.failure().orElseThrow())
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("IBX-806")
          .hasMessageContaining("made again");
    }
    assertThat(inbox.effects()).containsExactly("a:1", "a:2");
  }

  /** The first that comes here waits until the test lets it go. */
  private void stick() {
    if (firstRun.getAndSet(false)) {
      entered.countDown();
      try {
        Tests.await(go);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Starts a consumer and leaves the group while its handling thread is stuck. */
  private void leaveBehind(String topic, RecordHandler records) throws InterruptedException {
    KafkaInbox zombie =
        KafkaInbox.builder(BROKER.consumer(group(topic)), records)
            .topics(topic)
            .watermarks()
            .closeWait(Duration.ZERO)
            .revokeWait(Duration.ZERO)
            .start();
    Tests.await(entered);
    zombie.close();
  }

  private static boolean noHandlingThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .noneMatch(it -> it.getName().equals("inbox-kafka-watermarks-handler"));
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
    return KafkaInbox.builder(config, inbox.records())
        .topics(topic)
        .batchSize(50)
        .watermarks()
        .start();
  }

  private List<String> send(String topic, int count) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int partition = i % PARTITIONS;
      String text = "p" + partition + ":" + System.nanoTime();
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
    assertThat(inbox.letters()).isEmpty();
  }

  private static String group(String topic) {
    return "group-" + topic;
  }
}
