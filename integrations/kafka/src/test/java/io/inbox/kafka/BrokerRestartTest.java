package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.PublishResult.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The broker stops and comes back on its log and port. */
final class BrokerRestartTest {
  private Broker broker;

  @BeforeEach
  void start() {
    broker = Broker.start();
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  void publishesEverythingInOrderAfterTheBrokerIsBack() throws Exception {
    String topic = broker.topic(1);
    Map<String, Object> config = broker.client();
    config.put("max.block.ms", 500);
    config.put("request.timeout.ms", 500);
    config.put("delivery.timeout.ms", 1_000);
    List<OutboxMessage> backlog = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      expected.add("m" + i);
      backlog.add(OutboxMessage.of(topic, "k", Tests.bytes("m" + i)));
    }
    try (KafkaPublisher publisher = KafkaPublisher.builder(config).build()) {
      assertThat(KafkaPublisherTest.kinds(publisher.publish(take(backlog, 40))))
          .containsOnly(Kind.SENT);
      broker.stop();

      for (int i = 0; i < 2; i++) {
        List<PublishResult> down = publisher.publish(backlog.subList(0, 40));
        assertThat(down.get(0).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(KafkaPublisherTest.kinds(down)).containsOnly(Kind.UNAVAILABLE, Kind.SKIPPED);
      }

      broker.restart();
      int calls = 0;
      while (!backlog.isEmpty()) {
        assertThat(++calls).isLessThan(100);
        List<PublishResult> results = publisher.publish(List.copyOf(backlog));
        int sent = 0;
        while (sent < results.size() && results.get(sent).kind() == Kind.SENT) {
          sent++;
        }
        take(backlog, sent);
      }
    }
    assertThat(KafkaPublisherTest.firsts(KafkaPublisherTest.texts(broker.read(topic, 100))))
        .isEqualTo(expected);
  }

  @Test
  void consumesOnAfterTheBrokerIsBack() throws Exception {
    String topic = broker.topic(2);
    List<String> expected = new ArrayList<>();
    try (TestInbox inbox = TestInbox.onH2("restart");
        KafkaPublisher publisher = KafkaPublisher.builder(broker.client()).build();
        KafkaInbox loop =
            KafkaInbox.builder(broker.consumer("group"), inbox.records())
                .topics(topic)
                .batchSize(20)
                .start()) {
      for (int round = 0; round < 3; round++) {
        List<OutboxMessage> batch = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
          String text = "k" + i % 9 + ":" + round + "-" + i;
          expected.add(text);
          batch.add(OutboxMessage.of(topic, "k" + i % 9, Tests.bytes(text)));
        }
        while (KafkaPublisherTest.kinds(publisher.publish(batch)).contains(Kind.UNAVAILABLE)) {
          assertThat(loop.running()).isTrue();
        }
        if (round < 2) {
          int before = round * 300;
          Tests.eventually("some handled", () -> inbox.effects().size() > before);
          broker.stop(); // while the rest is handled and committed
          broker.restart();
        }
      }
      Tests.eventually(
          "all committed",
          () -> broker.committed("group", topic, 0) + broker.committed("group", topic, 1) >= 900);
      assertThat(loop.failure()).isEmpty();
      assertThat(Tests.byKey(inbox.effects())).isEqualTo(Tests.byKey(expected));
    }
  }

  private static List<OutboxMessage> take(List<OutboxMessage> backlog, int count) {
    List<OutboxMessage> head = List.copyOf(backlog.subList(0, count));
    backlog.subList(0, count).clear();
    return head;
  }
}
