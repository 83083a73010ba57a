package io.inbox.kafka;

import io.inbox.kafka.RecordHandler.Handled;
import io.inbox.kafka.RecordHandler.Redelivery;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What the polling thread knows about the partitions it owns: since when, which offsets are still
 * to be committed, and which partitions wait. Used by that thread only.
 */
final class Ownership {
  private static final Duration LONGEST_OUTAGE_PAUSE = Duration.ofSeconds(30);

  private final Consumer<byte[], byte[]> consumer;

  /** By partition, which assignment it belongs to: a result of an earlier one is worth nothing. */
  private final Map<TopicPartition, Long> terms = new HashMap<>();

  private final Map<TopicPartition, OffsetAndMetadata> uncommitted = new HashMap<>();
  private final Map<TopicPartition, Long> pausedUntil = new HashMap<>();
  private long term;
  private int outages;
  private long outageUntil;
  private boolean outage;

  Ownership(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  void assigned(Collection<TopicPartition> partitions) {
    term++;
    partitions.forEach(partition -> terms.put(partition, term));
  }

  void gone(Collection<TopicPartition> partitions) {
    partitions.forEach(
        partition -> {
          terms.remove(partition);
          uncommitted.remove(partition);
          pausedUntil.remove(partition);
        });
  }

  Map<TopicPartition, Long> terms() {
    return Map.copyOf(terms);
  }

  Map<TopicPartition, OffsetAndMetadata> uncommitted() {
    return uncommitted;
  }

  boolean outage() {
    return outage;
  }

  /** Takes over what became of records polled in these terms. */
  void apply(Handled handled, Map<TopicPartition, Long> polledIn) {
    long now = System.nanoTime();
    handled
        .commit()
        .forEach(
            (partition, offset) -> {
              if (isCurrent(partition, polledIn)) {
                uncommitted.put(partition, offset);
              }
            });
    Duration longest = Duration.ZERO;
    for (Map.Entry<TopicPartition, Redelivery> again : handled.redeliver().entrySet()) {
      Redelivery redelivery = again.getValue();
      if (redelivery.after().compareTo(longest) > 0) {
        longest = redelivery.after();
      }
      if (isCurrent(again.getKey(), polledIn)) {
        consumer.seek(again.getKey(), redelivery.offset());
        pausedUntil.put(again.getKey(), now + redelivery.after().toNanos());
      }
    }
    outage = handled.unavailable();
    outages = outage ? outages + 1 : 0;
    outageUntil = now + pause(longest).toNanos();
  }

  /** Grows from the first pause, twice as long each time. */
  private Duration pause(Duration first) {
    Duration pause = first;
    for (int i = 1; i < outages && pause.compareTo(LONGEST_OUTAGE_PAUSE) < 0; i++) {
      pause = pause.multipliedBy(2);
    }
    return pause.compareTo(LONGEST_OUTAGE_PAUSE) < 0 || first.compareTo(LONGEST_OUTAGE_PAUSE) > 0
        ? pause
        : LONGEST_OUTAGE_PAUSE;
  }

  private boolean isCurrent(TopicPartition partition, Map<TopicPartition, Long> polledIn) {
    return terms.containsKey(partition)
        && terms.get(partition).equals(polledIn.get(partition))
        && consumer.assignment().contains(partition);
  }

  /**
   * Pauses what has to wait, resumes the rest; returns how long until something is due.
   *
   * @param others what has to wait for another reason
   */
  Duration pauseAndResume(Duration atMost, Collection<TopicPartition> others) {
    long now = System.nanoTime();
    long next = atMost.toNanos();
    Set<TopicPartition> wait = new HashSet<>();
    if (outage && outageUntil - now > 0) {
      wait.addAll(terms.keySet());
      next = Math.min(next, outageUntil - now);
    } else {
      pausedUntil.values().removeIf(until -> until - now <= 0);
      wait.addAll(pausedUntil.keySet());
      for (long until : pausedUntil.values()) {
        next = Math.min(next, until - now);
      }
    }
    wait.addAll(others);
    wait.retainAll(consumer.assignment());
    Set<TopicPartition> paused = consumer.paused();
    if (!paused.equals(wait)) {
      Set<TopicPartition> resume = new HashSet<>(paused);
      resume.removeAll(wait);
      consumer.resume(resume);
      consumer.pause(wait);
    }
    return Duration.ofNanos(next);
  }

  void pauseAll() {
    consumer.pause(consumer.assignment());
  }
}
