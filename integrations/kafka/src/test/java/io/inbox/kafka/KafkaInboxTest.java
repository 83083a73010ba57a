package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.DeadLetter;
import io.inbox.Message;
import io.inbox.Reason;
import io.inbox.outbox.OutboxMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One loop on a real broker. */
final class KafkaInboxTest {
  private static final Broker BROKER = Broker.shared();

  private final TestInbox inbox = TestInbox.onH2("loop");

  @AfterEach
  void close() {
    inbox.close();
  }

  @Test
  void handlesWhatThePublisherSentTwiceOnce() throws Exception {
    String topic = BROKER.topic(3);
    List<OutboxMessage> messages = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String text = "k" + i % 7 + ":" + i;
      messages.add(OutboxMessage.of(topic, "k" + i % 7, Tests.bytes(text)));
      expected.add(text);
    }
    try (KafkaPublisher publisher = KafkaPublisher.builder(BROKER.client()).build();
        KafkaInbox loop = start(topic, inbox.records())) {
      publisher.publish(messages);
      publisher.publish(messages);
      awaitCommitted(topic, 3, 400);
      assertThat(loop.running()).isTrue();
      assertThat(loop.failure()).isEmpty();
    }
    assertThat(Tests.byKey(inbox.effects())).isEqualTo(Tests.byKey(expected));
  }

  @Test
  void handlesTheRecordsOfStrangersOncePerPosition() throws Exception {
    String topic = BROKER.topic(1);
    BROKER.send(
        List.of(
            Tests.record(topic, 0, "a", "same"),
            Tests.record(topic, 0, "a", "same"),
            Tests.record(topic, 0, null, "none")));
    for (String group : List.of("one-" + topic, "two-" + topic)) {
      // The second group reads the same records again.
      try (KafkaInbox loop = start(topic, inbox.records(), group)) {
        Tests.eventually("all committed", () -> BROKER.committed(group, topic, 0) == 3);
        assertThat(loop.failure()).isEmpty();
      }
    }
    assertThat(inbox.effects()).containsExactlyInAnyOrder("same", "same", "none");
  }

  @Test
  void aPoisonMessageEndsInTheDeadLettersAndThePartitionGoesOn() throws Exception {
    String topic = BROKER.topic(1);
    RecordHandler records =
        inbox.records(
            (fresh, tx) -> {
              TestInbox.note(fresh, tx);
              if (contains(fresh, "poison")) {
                throw new IllegalStateException("poison");
              }
            });
    BROKER.send(
        List.of(
            Tests.record(topic, 0, "a", "a1"),
            Tests.record(topic, 0, "a", "poison"),
            Tests.record(topic, 0, "a", "a2"),
            Tests.record(topic, 0, "b", "b1")));
    try (KafkaInbox loop = start(topic, records)) {
      awaitCommitted(topic, 1, 4);
      assertThat(loop.running()).isTrue();
    }
    assertThat(inbox.effects()).containsExactlyInAnyOrder("a1", "a2", "b1");
    List<DeadLetter> letters = inbox.letters();
    assertThat(letters).hasSize(1);
    assertThat(letters.get(0).reason()).isEqualTo(Reason.ATTEMPTS_EXHAUSTED);
    assertThat(letters.get(0).attempts()).isEqualTo(4);
    assertThat(letters.get(0).headers()).containsEntry(RecordHandler.OFFSET_HEADER, "1");
  }

  @Test
  void aMessageThatFailsAtFirstKeepsItsPlace() throws Exception {
    String topic = BROKER.topic(2);
    AtomicInteger failures = new AtomicInteger(2);
    RecordHandler records =
        inbox.records(
            (fresh, tx) -> {
              TestInbox.note(fresh, tx);
              if (contains(fresh, "a2") && failures.getAndDecrement() > 0) {
                throw new IllegalStateException("not yet");
              }
            });
    List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      sent.add(Tests.record(topic, 0, "a", "a" + i));
      sent.add(Tests.record(topic, 1, "b", "b" + i));
    }
    BROKER.send(sent);
    try (KafkaInbox loop = start(topic, records)) {
      awaitCommitted(topic, 2, 10);
      assertThat(loop.failure()).isEmpty();
    }
    List<String> effects = inbox.effects();
    assertThat(effects).hasSize(10).containsSubsequence("a1", "a2", "a3", "a4", "a5");
    assertThat(effects).containsSubsequence("b1", "b2", "b3", "b4", "b5");
  }

  @Test
  void waitsForTheDatabaseAndAcknowledgesNothingMeanwhile() throws Exception {
    String topic = BROKER.topic(2);
    inbox.down(true);
    List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      sent.add(Tests.record(topic, i % 2, "k" + i, "m" + i));
    }
    BROKER.send(sent);
    try (KafkaInbox loop = start(topic, inbox.records())) {
      Tests.eventually("three attempts", () -> inbox.refused() >= 3);
      assertThat(BROKER.committed(group(topic), topic, 0)).isZero();
      assertThat(BROKER.committed(group(topic), topic, 1)).isZero();
      assertThat(loop.running()).isTrue();
      inbox.down(false);
      awaitCommitted(topic, 2, 100);
    }
    assertThat(inbox.effects()).hasSize(100).doesNotHaveDuplicates();
    assertThat(inbox.letters()).isEmpty();
  }

  @Test
  void aHandlerSlowerThanThePollIntervalCausesNoRebalance() throws Exception {
    String topic = BROKER.topic(1);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger runs = new AtomicInteger();
    RecordHandler records =
        inbox.records(
            (fresh, tx) -> {
              runs.incrementAndGet();
              entered.countDown();
              Tests.await(go);
              TestInbox.note(fresh, tx);
            });
    BROKER.send(List.of(Tests.record(topic, 0, "a", "slow")));
    Map<String, Object> config = BROKER.consumer(group(topic));
    config.put("max.poll.interval.ms", 1_000);
    try (KafkaInbox loop =
        KafkaInbox.builder(config, records)
            .topics(topic)
            .revokeWait(Duration.ofMillis(500))
            .start()) {
      Tests.await(entered);
      assertThat(go.await(3, TimeUnit.SECONDS)).isFalse(); // three intervals go by
      try (Admin admin = Admin.create(BROKER.client())) {
        assertThat(
                admin
                    .describeConsumerGroups(List.of(group(topic)))
                    .all()
                    .get()
                    .get(group(topic))
                    .members())
            .hasSize(1);
      }
      go.countDown();
      awaitCommitted(topic, 1, 1);
      assertThat(loop.running()).isTrue();
    }
    assertThat(runs).hasValue(1);
    assertThat(inbox.effects()).containsExactly("slow");
  }

  @Test
  void closingWaitsForTheTransactionAndCommitsItsOffset() throws Exception {
    String topic = BROKER.topic(1);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    RecordHandler records =
        inbox.records(
            (fresh, tx) -> {
              TestInbox.note(fresh, tx);
              entered.countDown();
              Tests.await(go);
            });
    BROKER.send(List.of(Tests.record(topic, 0, "a", "a1"), Tests.record(topic, 0, "a", "a2")));
    KafkaInbox loop = start(topic, records);
    Tests.await(entered);
    Thread closer = new Thread(loop::close);
    closer.start();
    Tests.eventually("closing", () -> !loop.running());
    go.countDown();
    closer.join();
    assertThat(inbox.effects()).startsWith("a1"); // and the second, if it had begun
    assertThat(BROKER.committed(group(topic), topic, 0)).isEqualTo(inbox.effects().size());
  }

  @Test
  void closingIsBoundedAndWhatCommitsLaterIsRecognised() throws Exception {
    String topic = BROKER.topic(1);
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    RecordHandler records =
        inbox.records(
            (fresh, tx) -> {
              entered.countDown();
              Tests.await(go);
              TestInbox.note(fresh, tx);
            });
    BROKER.send(List.of(Tests.record(topic, 0, "a", "a1")));
    KafkaInbox loop =
        KafkaInbox.builder(BROKER.consumer(group(topic)), records)
            .topics(topic)
            .closeWait(Duration.ofMillis(100))
            .start();
    Tests.await(entered);
    long start = System.nanoTime();
    loop.close();
    loop.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    assertThat(BROKER.committed(group(topic), topic, 0)).isZero();
    go.countDown();
    Tests.eventually("the transaction ends", () -> !inbox.effects().isEmpty());
    try (KafkaInbox next = start(topic, records)) {
      awaitCommitted(topic, 1, 1);
      assertThat(next.failure()).isEmpty();
    }
    assertThat(inbox.effects()).containsExactly("a1");
  }

  private KafkaInbox start(String topic, RecordHandler records) {
    return start(topic, records, group(topic));
  }

  private static KafkaInbox start(String topic, RecordHandler records, String group) {
    return KafkaInbox.builder(BROKER.consumer(group), records).topics(topic).start();
  }

  private static void awaitCommitted(String topic, int partitions, long records) throws Exception {
    Tests.eventually(
        records + " records of " + topic + " committed",
        () -> {
          long sum = 0;
          for (int partition = 0; partition < partitions; partition++) {
            sum += BROKER.committed(group(topic), topic, partition);
          }
          return sum == records;
        });
  }

  private static String group(String topic) {
    return "group-" + topic;
  }

  private static boolean contains(List<Message> messages, String text) {
    return messages.stream().anyMatch(message -> Tests.text(message.payload()).equals(text));
  }
}
