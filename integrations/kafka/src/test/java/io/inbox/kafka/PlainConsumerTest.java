package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.kafka.RecordHandler.Handled;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/** The application polls by itself, as the documents show it. */
final class PlainConsumerTest {
  private static final Broker BROKER = Broker.shared();

  @Test
  void doesWhatTheHandlerSays() throws Exception {
    String topic = BROKER.topic(2);
    List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      sent.add(Tests.record(topic, i % 2, "k" + i % 4, "k" + i % 4 + ":" + i));
    }
    BROKER.send(sent);
    Map<String, Object> config = BROKER.consumer("plain-" + topic);
    config.put("enable.auto.commit", false);
    config.put("auto.offset.reset", "earliest");
    AtomicInteger failures = new AtomicInteger(3);
    Map<TopicPartition, Instant> due = new HashMap<>();
    try (TestInbox inbox = TestInbox.onH2("plain");
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      RecordHandler records =
          inbox.records(
              (fresh, tx) -> {
                TestInbox.note(fresh, tx);
                if (fresh.stream().anyMatch(it -> Tests.text(it.payload()).endsWith(":5"))
                    && failures.getAndDecrement() > 0) {
                  throw new IllegalStateException("told to fail");
                }
              });
      consumer.subscribe(List.of(topic));
      Tests.eventually(
          "all committed",
          () -> {
            Handled handled = records.handle(consumer.poll(Duration.ofMillis(100)));
            handled
                .redeliver()
                .forEach(
                    (partition, again) -> {
                      consumer.seek(partition, again.offset());
                      consumer.pause(List.of(partition));
                      due.put(partition, Instant.now().plus(again.after()));
                    });
            consumer.commitSync(handled.commit());
            for (TopicPartition partition : consumer.paused()) {
              if (!Instant.now().isBefore(due.getOrDefault(partition, Instant.EPOCH))) {
                consumer.resume(List.of(partition));
              }
            }
            return BROKER.committed("plain-" + topic, topic, 0)
                    + BROKER.committed("plain-" + topic, topic, 1)
                == 40;
          });
      assertThat(Tests.byKey(inbox.effects()))
          .isEqualTo(Tests.byKey(sent.stream().map(record -> Tests.text(record.value())).toList()));
      assertThat(inbox.effects()).hasSize(40);
    }
  }
}
