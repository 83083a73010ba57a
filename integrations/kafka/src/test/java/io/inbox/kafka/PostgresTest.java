package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Message;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.PublishResult.Kind;
import io.inbox.postgres.PostgresStore;
import io.inbox.testkit.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** The whole way on PostgreSQL: messages sent twice, handlers that fail, consumers that vanish. */
final class PostgresTest {
  private static final Broker BROKER = Broker.shared();
  private static final int PARTITIONS = 4;
  private static final int MESSAGES = 4_000;

  @Test
  void everyEffectOnceAndInTheOrderOfItsKey() throws Exception {
    PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
    String topic = BROKER.topic(PARTITIONS);
    try (TestInbox inbox =
            TestInbox.on(
                server.dataSource(server.newDatabase(), 6),
                PostgresStore.create(),
                "payments",
                "BIGINT GENERATED ALWAYS AS IDENTITY");
        KafkaPublisher publisher = KafkaPublisher.builder(BROKER.client()).build()) {
      AtomicInteger calls = new AtomicInteger();
      RecordHandler records =
          inbox.records(
              (fresh, tx) -> {
                TestInbox.note(fresh, tx);
                if (calls.incrementAndGet() % 13 == 0) {
                  throw new IllegalStateException("told to fail");
                }
                refuseUnreadable(fresh);
              });
      List<String> expected = new ArrayList<>();
      List<OutboxMessage> batch = new ArrayList<>();
      Random random = new Random(1);
      KafkaInbox loop = start(topic, records);
      for (int i = 0; i < MESSAGES; i++) {
        String key = "k" + random.nextInt(100);
        expected.add(key + ":" + i);
        batch.add(OutboxMessage.of(topic, key, Tests.bytes(key + ":" + i)));
        if (batch.size() == 500) {
          publish(publisher, batch);
          publish(publisher, batch.subList(400, 500)); // as after a lost confirmation
          batch.clear();
          if (i > MESSAGES / 3 && i < MESSAGES * 2 / 3) {
            loop.close(); // gives up at once what is in progress
            loop = start(topic, records);
          }
        }
      }
      BROKER.send(List.of(unreadable(topic)));
      try (KafkaInbox second = start(topic, records)) {
        Tests.eventually(
            "all handled", () -> inbox.effects().size() >= MESSAGES && !inbox.letters().isEmpty());
        assertThat(second.failure()).isEmpty();
      }
      loop.close();
      assertThat(inbox.effects()).hasSize(MESSAGES);
      assertThat(Tests.byKey(inbox.effects())).isEqualTo(Tests.byKey(expected));
      assertThat(inbox.letters()).hasSize(1);
    }
  }

  private static KafkaInbox start(String topic, RecordHandler records) {
    return KafkaInbox.builder(BROKER.consumer("group-" + topic), records)
        .topics(topic)
        .closeWait(Duration.ZERO)
        .revokeWait(Duration.ofMillis(100))
        .start();
  }

  private static void publish(KafkaPublisher publisher, List<OutboxMessage> batch)
      throws InterruptedException {
    List<PublishResult> results = publisher.publish(List.copyOf(batch));
    assertThat(KafkaPublisherTest.kinds(results)).containsOnly(Kind.SENT);
  }

  private static void refuseUnreadable(List<Message> messages) {
    assertThat(messages).noneMatch(message -> message.headers().containsKey("odd"));
  }

  /** No usable id, and headers that a database might choke on. */
  private static ProducerRecord<byte[], byte[]> unreadable(String topic) {
    ProducerRecord<byte[], byte[]> record = Tests.record(topic, 0, "k", "unreadable");
    byte[] odd = {0, (byte) 0xff, (byte) 0xed, (byte) 0xa0, (byte) 0x80, '\n'};
    Map.of(OutboxMessage.ID_HEADER, odd, "odd", odd, "\0", odd)
        .forEach((name, value) -> record.headers().add(name, value));
    return record;
  }
}
