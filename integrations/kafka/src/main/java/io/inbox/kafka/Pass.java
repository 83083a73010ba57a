package io.inbox.kafka;

import io.inbox.BatchHandler;
import io.inbox.DeadLetters;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.UsageException;
import io.inbox.kafka.RecordHandler.Handled;
import io.inbox.kafka.RecordHandler.Redelivery;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over the records of a poll.
 *
 * <p>Order and batches do not go together by themselves: when a batch fails the inbox halves it,
 * and the second half may commit although the first holds an earlier record of the same key. So the
 * records go in waves. The first wave has the first record of each partition and key, the second
 * wave the second ones, and so on; records without a key are all in the first. Within a wave no two
 * records have an order to keep, so one call of {@link Inbox#processBatch} takes all of it and may
 * split it as it likes. A record that is not settled keeps those of its key out of the later waves.
 * With many keys there are few waves; a poll of one key only is handled record by record.
 */
final class Pass {
  private static final Logger LOG = LoggerFactory.getLogger(RecordHandler.class);
  private static final int LARGEST_BATCH = 10_000;
  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

  private final Inbox inbox;
  private final BatchHandler handler;
  private final RecordMessages messages;
  private final boolean keepOrder;
  private final BooleanSupplier stop;
  private final Set<Lane> waiting = new HashSet<>();
  private @Nullable Duration trouble;
  private boolean over;

  Pass(
      Inbox inbox,
      BatchHandler handler,
      RecordMessages messages,
      boolean keepOrder,
      BooleanSupplier stop) {
    this.inbox = inbox;
    this.handler = handler;
    this.messages = messages;
    this.keepOrder = keepOrder;
    this.stop = stop;
  }

  /** What keeps an order. */
  private record Lane(TopicPartition partition, ByteBuffer key) {}

  /** One record and what became of it. */
  private static final class Entry {
    final ConsumerRecord<byte[], byte[]> record;
    final @Nullable Lane lane;
    boolean settled;
    Duration after = Duration.ZERO;

    Entry(ConsumerRecord<byte[], byte[]> record, @Nullable Lane lane) {
      this.record = record;
      this.lane = lane;
    }
  }

  /** An entry that became a message. */
  private record Delivery(Entry entry, Message message) {}

  /** Handles the records; carefully means with one of them first. */
  Handled run(ConsumerRecords<byte[], byte[]> records, boolean carefully) {
    Map<TopicPartition, List<Entry>> partitions = new LinkedHashMap<>();
    List<List<Entry>> waves = new ArrayList<>();
    Map<Lane, Integer> seen = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      List<Entry> entries = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        Entry entry = new Entry(record, lane(partition, record));
        int wave = entry.lane == null ? 0 : seen.merge(entry.lane, 1, Integer::sum) - 1;
        if (wave == waves.size()) {
          waves.add(new ArrayList<>());
        }
        waves.get(wave).add(entry);
        entries.add(entry);
      }
      partitions.put(partition, entries);
    }
    for (List<Entry> wave : carefully ? withOneFirst(waves) : waves) {
      handle(wave);
    }
    return handled(partitions);
  }

  private @Nullable Lane lane(TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
    byte @Nullable [] key = record.key();
    return keepOrder && key != null ? new Lane(partition, ByteBuffer.wrap(key)) : null;
  }

  private static List<List<Entry>> withOneFirst(List<List<Entry>> waves) {
    List<List<Entry>> all = new ArrayList<>(waves);
    if (!waves.isEmpty()) {
      List<Entry> first = waves.get(0);
      all.set(0, first.subList(0, 1));
      all.add(1, first.subList(1, first.size()));
    }
    return all;
  }

  /** Handles entries that have no order among each other. */
  private void handle(List<Entry> wave) {
    Map<String, List<Delivery>> byTenant = new LinkedHashMap<>();
    for (Entry entry : wave) {
      if (entry.lane != null && waiting.contains(entry.lane)) {
        continue;
      }
      Message message;
      try {
        message = messages.message(entry.record);
      } catch (RetryLaterException e) {
        postpone(entry, AFTER_TROUBLE);
        continue;
      } catch (RuntimeException e) {
        bury(entry, e);
        continue;
      }
      byTenant
          .computeIfAbsent(message.tenant(), tenant -> new ArrayList<>())
          .add(new Delivery(entry, message));
    }
    for (List<Delivery> deliveries : byTenant.values()) {
      for (int from = 0; from < deliveries.size(); from += LARGEST_BATCH) {
        process(deliveries.subList(from, Math.min(from + LARGEST_BATCH, deliveries.size())));
      }
    }
  }

  private void process(List<Delivery> deliveries) {
    if (ended()) {
      return;
    }
    List<Outcome<Void>> outcomes;
    try {
      outcomes = inbox.processBatch(deliveries.stream().map(Delivery::message).toList(), handler);
    } catch (InvalidMessageException e) {
      refused(deliveries, e);
      return;
    } catch (UsageException e) {
      throw e; // a mistake of the code around this call
    } catch (RuntimeException e) {
      trouble(deliveries.get(0).entry, e);
      return;
    }
    for (int i = 0; i < outcomes.size(); i++) {
      settle(deliveries.get(i).entry, outcomes.get(i));
    }
  }

  /** Nothing was decided, and it is not said which message is at fault. */
  private void refused(List<Delivery> deliveries, InvalidMessageException refusal) {
    if (deliveries.size() == 1) {
      bury(deliveries.get(0).entry, refusal);
      return;
    }
    int middle = deliveries.size() / 2;
    process(deliveries.subList(0, middle));
    process(deliveries.subList(middle, deliveries.size()));
  }

  private void settle(Entry entry, Outcome<Void> outcome) {
    if (outcome.acknowledge()) {
      entry.settled = true;
    } else if (outcome instanceof Outcome.Failed<Void> failed) {
      if (failed.reason().equals(Reason.INVALID)) {
        bury(entry, failed.cause());
        return;
      }
      if (failed.reason().equals(Reason.DATABASE_UNAVAILABLE)) {
        trouble = failed.retryAfter();
      }
      postpone(entry, failed.retryAfter());
    } else if (outcome instanceof Outcome.InFlight<Void> busy) {
      postpone(entry, busy.retryAfter());
    } else {
      postpone(entry, AFTER_TROUBLE);
    }
  }

  private void postpone(Entry entry, Duration after) {
    entry.after = after;
    if (entry.lane != null) {
      waiting.add(entry.lane);
    }
  }

  /** Stores a record that can never be handled, so that it can be passed over. */
  private void bury(Entry entry, Throwable error) {
    if (ended()) {
      return;
    }
    String why = error.getMessage() == null ? error.toString() : error.getMessage();
    try {
      long letter =
          desk(entry.record)
              .storeWithoutId(messages.headers(entry.record), entry.record.value(), why);
      entry.settled = true;
      // The message of a foreign exception may quote the payload; the dead letter has it.
      String loggable = error instanceof InvalidMessageException ? why : error.getClass().getName();
      LOG.warn("{} is dead letter {}: {}", Positions.of(entry.record), letter, loggable);
    } catch (RuntimeException e) {
      trouble(entry, e);
    }
  }

  private DeadLetters desk(ConsumerRecord<byte[], byte[]> record) {
    DeadLetters all = inbox.deadLetters();
    @Nullable String tenant = messages.tenant(record);
    if (tenant == null || tenant.isEmpty()) {
      return all;
    }
    try {
      return all.ofTenant(tenant);
    } catch (InvalidMessageException e) {
      return all; // the tenant may be what cannot be used
    }
  }

  private void trouble(Entry entry, RuntimeException error) {
    LOG.error(
        "Nothing is decided about {} and the records behind it, they are not acknowledged: {}",
        Positions.of(entry.record),
        error.getMessage(),
        error);
    trouble = AFTER_TROUBLE;
    postpone(entry, AFTER_TROUBLE);
  }

  /** Once over, always over: a later wave must not go on where an earlier one did not. */
  private boolean ended() {
    over |= trouble != null || stop.getAsBoolean() || Thread.currentThread().isInterrupted();
    return over;
  }

  private Handled handled(Map<TopicPartition, List<Entry>> partitions) {
    Map<TopicPartition, OffsetAndMetadata> commit = new HashMap<>();
    Map<TopicPartition, Redelivery> redeliver = new HashMap<>();
    partitions.forEach(
        (partition, entries) -> {
          int settled = 0;
          while (settled < entries.size() && entries.get(settled).settled) {
            settled++;
          }
          if (settled > 0) {
            ConsumerRecord<?, ?> last = entries.get(settled - 1).record;
            Optional<Integer> epoch = last.leaderEpoch();
            commit.put(partition, new OffsetAndMetadata(last.offset() + 1, epoch, ""));
          }
          if (settled < entries.size()) {
            long offset = entries.get(settled).record.offset();
            redeliver.put(partition, new Redelivery(offset, wait(entries)));
          }
        });
    return new Handled(commit, redeliver, trouble != null);
  }

  /** The longest of a partition: none of its records may come again too early. */
  private Duration wait(List<Entry> entries) {
    Duration longest = trouble == null ? Duration.ZERO : trouble;
    for (Entry entry : entries) {
      if (entry.after.compareTo(longest) > 0) {
        longest = entry.after;
      }
    }
    return longest;
  }
}
