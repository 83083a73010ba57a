package io.inbox.kafka;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Records as a poll gives them. */
final class Polled {
  private Polled() {}

  @SafeVarargs
  static ConsumerRecords<byte[], byte[]> of(ConsumerRecord<byte[], byte[]>... records) {
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      all.add(record);
    }
    return of(all);
  }

  static ConsumerRecords<byte[], byte[]> of(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> partitions = new LinkedHashMap<>();
    records.forEach(
        record ->
            partitions
                .computeIfAbsent(Positions.partition(record), p -> new ArrayList<>())
                .add(record));
    return new ConsumerRecords<>(partitions, Map.of());
  }

  static ConsumerRecord<byte[], byte[]> record(
      TopicPartition partition,
      long offset,
      String key,
      String value,
      Map<String, String> headers) {
    RecordHeaders all = new RecordHeaders();
    headers.forEach((name, text) -> all.add(name, Tests.bytes(text)));
    return new ConsumerRecord<>(
        partition.topic(),
        partition.partition(),
        offset,
        0,
        TimestampType.CREATE_TIME,
        0,
        0,
        key == null ? null : Tests.bytes(key),
        Tests.bytes(value),
        all,
        Optional.empty());
  }
}
