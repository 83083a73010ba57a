package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Message;
import io.inbox.kafka.RecordHandler.Handled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A log of several partitions, read the way {@link RecordHandler} says, while messages fail at
 * random and the reader now and then forgets what it committed.
 */
final class RandomFailuresTest {
  private static final int PARTITIONS = 3;
  private static final int RECORDS = 200;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void everyEffectOnceAndInTheOrderOfItsKey(long seed) {
    Random random = new Random(seed);
    try (TestInbox inbox = TestInbox.onH2("random")) {
      Map<String, Integer> failures = new HashMap<>();
      RecordHandler handler =
          inbox.records(
              (fresh, tx) -> {
                TestInbox.note(fresh, tx);
                for (Message message : fresh) {
                  if (failures.merge(Tests.text(message.payload()), -1, Integer::sum) >= 0) {
                    throw new IllegalStateException("told to fail");
                  }
                }
              });
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> log = log(random, failures);
      Map<TopicPartition, Long> committed = new HashMap<>();
      Map<TopicPartition, Long> position = new HashMap<>();
      for (int polls = 0; done(committed) < PARTITIONS; polls++) {
        assertThat(polls).isLessThan(2_000);
        List<ConsumerRecord<byte[], byte[]>> polled = poll(log, position, random);
        Handled handled = handler.handle(Polled.of(polled));
        handled
            .commit()
            .forEach(
                (partition, offset) -> {
                  assertThat(offset.offset()).isLessThanOrEqualTo(RECORDS);
                  committed.merge(partition, offset.offset(), Math::max);
                });
        handled.redeliver().forEach((partition, again) -> position.put(partition, again.offset()));
        if (random.nextInt(20) == 0) {
          position.clear();
          committed.forEach(
              (partition, offset) -> position.put(partition, Math.max(0, offset - 10)));
        }
      }
      assertThat(Tests.byKey(inbox.effects())).isEqualTo(Tests.byKey(texts(log)));
      assertThat(inbox.effects()).doesNotHaveDuplicates().hasSize(PARTITIONS * RECORDS);
    }
  }

  private static Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> log(
      Random random, Map<String, Integer> failures) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> log = new HashMap<>();
    for (int p = 0; p < PARTITIONS; p++) {
      TopicPartition partition = new TopicPartition("orders", p);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (int offset = 0; offset < RECORDS; offset++) {
        String key = "p" + p + "k" + random.nextInt(8);
        String text = key + ":" + offset;
        records.add(Polled.record(partition, offset, key, text, Map.of()));
        // Fewer than the attempts after which it is given up: alone it fails at most three times.
        if (random.nextInt(15) == 0) {
          failures.put(text, 1 + random.nextInt(3));
        }
      }
      log.put(partition, records);
    }
    return log;
  }

  private static List<ConsumerRecord<byte[], byte[]>> poll(
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> log,
      Map<TopicPartition, Long> position,
      Random random) {
    List<ConsumerRecord<byte[], byte[]>> polled = new ArrayList<>();
    log.forEach(
        (partition, records) -> {
          int from = position.getOrDefault(partition, 0L).intValue();
          int to = Math.min(records.size(), from + random.nextInt(40));
          polled.addAll(records.subList(from, to));
          position.put(partition, (long) to);
        });
    return polled;
  }

  private static long done(Map<TopicPartition, Long> committed) {
    return committed.values().stream().filter(offset -> offset == RECORDS).count();
  }

  private static List<String> texts(Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> log) {
    return log.values().stream()
        .flatMap(List::stream)
        .map(record -> Tests.text(record.value()))
        .toList();
  }
}
