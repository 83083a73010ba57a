package io.inbox.kafka;

import io.inbox.Watermark;
import io.inbox.error.CommitInDoubtException;
import io.inbox.error.ConfigurationException;
import io.inbox.error.DatabaseException;
import io.inbox.error.RetryLaterException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watermarks of the partitions that a consumer has: taken over after each assignment, and again
 * when another consumer took one over although the group says it is here. A partition whose
 * watermark is not taken over yet is not read. Used by the polling thread only.
 */
final class Marks {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaInbox.class);
  private static final Duration AGAIN = Duration.ofSeconds(1);
  private static final Duration END_WAIT = Duration.ofSeconds(5);

  private final Consumer<byte[], byte[]> consumer;
  private final RecordHandler records;
  private final Map<TopicPartition, Watermark> owned = new HashMap<>();

  /** Those to be taken over, and when. */
  private final Map<TopicPartition, Long> due = new HashMap<>();

  Marks(Consumer<byte[], byte[]> consumer, RecordHandler records) {
    this.consumer = consumer;
    this.records = records;
  }

  void assigned(Collection<TopicPartition> partitions) {
    partitions.forEach(partition -> due.put(partition, System.nanoTime()));
  }

  void gone(Collection<TopicPartition> partitions) {
    owned.keySet().removeAll(partitions);
    due.keySet().removeAll(partitions);
  }

  Map<TopicPartition, Watermark> owned() {
    return Map.copyOf(owned);
  }

  Set<TopicPartition> pending() {
    return due.keySet();
  }

  /** Takes over what is due and seeks to where it stands; returns how long until more is due. */
  Duration takeOver(Duration atMost) {
    for (Map.Entry<TopicPartition, Watermark> mine : Map.copyOf(owned).entrySet()) {
      if (mine.getValue().fenced()) {
        owned.remove(mine.getKey());
        due.put(mine.getKey(), System.nanoTime() + AGAIN.toNanos());
      }
    }
    long next = atMost.toNanos();
    boolean refused =
        false; // then the others wait, too: each would use up a time-out of the poll's
    for (Map.Entry<TopicPartition, Long> waiting : Map.copyOf(due).entrySet()) {
      TopicPartition partition = waiting.getKey();
      long left = waiting.getValue() - System.nanoTime();
      if (left <= 0 && (refused || !take(partition))) {
        refused = true;
        left = AGAIN.toNanos();
        due.put(partition, System.nanoTime() + left);
      }
      if (due.containsKey(partition)) {
        next = Math.min(next, left);
      }
    }
    return Duration.ofNanos(next);
  }

  private boolean take(TopicPartition partition) {
    Watermark mark;
    try {
      mark = records.takeOver(partition);
    } catch (RetryLaterException | CommitInDoubtException | DatabaseException e) {
      // Taking over once more is always right: it is one more epoch.
      LOG.warn("{} is not read yet: {}", partition, e.getMessage());
      return false;
    }
    if (mark.position().isPresent()) {
      long next = mark.position().getAsLong() + 1;
      requireThere(partition, next);
      consumer.seek(partition, next);
    } // else the group's offset says where to begin, or auto.offset.reset
    owned.put(partition, mark);
    due.remove(partition);
    return true;
  }

  /** Else Kafka would go on somewhere else, and what has lower offsets would count as handled. */
  private void requireThere(TopicPartition partition, long next) {
    long end = consumer.endOffsets(List.of(partition), END_WAIT).getOrDefault(partition, next);
    if (end < next) {
      throw new ConfigurationException(
          "IBX-806",
          "the watermark of "
              + partition
              + " stands at offset "
              + (next - 1)
              + ", but the partition ends before offset "
              + end
              + ": the topic was deleted and made again, or has lost records (name it anew with RecordHandler.Builder.cluster, or delete its watermarks once you know what was handled)");
    }
  }
}
