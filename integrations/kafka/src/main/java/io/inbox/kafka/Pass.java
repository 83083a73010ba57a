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
import java.util.IdentityHashMap;
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
 * <p>All records of a tenant go to the inbox in one batch, with partition and key as what tells
 * their sequences apart: whatever the inbox splits off the batch, nothing overtakes an earlier
 * record of its key. A record that is not settled keeps those of its key out of later batches, too.
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
    List<Entry> all = new ArrayList<>(records.count());
    for (TopicPartition partition : records.partitions()) {
      List<Entry> entries = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
        entries.add(new Entry(record, lane(partition, record)));
      }
      partitions.put(partition, entries);
      all.addAll(entries);
    }
    int first = carefully ? Math.min(1, all.size()) : 0;
    handle(all.subList(0, first));
    handle(all.subList(first, all.size()));
    return handled(partitions);
  }

  private @Nullable Lane lane(TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
    byte @Nullable [] key = record.key();
    return keepOrder && key != null ? new Lane(partition, ByteBuffer.wrap(key)) : null;
  }

  private void handle(List<Entry> entries) {
    Map<String, List<Delivery>> byTenant = new LinkedHashMap<>();
    Map<Lane, String> tenants = new HashMap<>();
    for (Entry entry : entries) {
      if (isWaiting(entry)) {
        continue;
      }
      Message message;
      try {
        message = messages.message(entry.record);
      } catch (RuntimeException e) {
        process(byTenant); // what comes before it is decided before it
        unreadable(entry, e);
        continue;
      }
      if (entry.lane != null) {
        @Nullable String before = tenants.put(entry.lane, message.tenant());
        if (before != null && !before.equals(message.tenant())) {
          process(byTenant); // a batch is of one tenant, and this key has records of two
        }
      }
      byTenant
          .computeIfAbsent(message.tenant(), tenant -> new ArrayList<>())
          .add(new Delivery(entry, message));
    }
    process(byTenant);
  }

  private void unreadable(Entry entry, RuntimeException error) {
    if (isWaiting(entry)) {
      return;
    }
    if (error instanceof RetryLaterException) {
      postpone(entry, AFTER_TROUBLE);
    } else {
      bury(entry, error);
    }
  }

  private void process(Map<String, List<Delivery>> byTenant) {
    for (List<Delivery> deliveries : byTenant.values()) {
      for (int from = 0; from < deliveries.size(); from += LARGEST_BATCH) {
        process(deliveries.subList(from, Math.min(from + LARGEST_BATCH, deliveries.size())));
      }
    }
    byTenant.clear();
  }

  private void process(List<Delivery> all) {
    List<Delivery> deliveries = all.stream().filter(it -> !isWaiting(it.entry)).toList();
    if (deliveries.isEmpty() || ended()) {
      return;
    }
    IdentityHashMap<Message, Lane> lanes = new IdentityHashMap<>();
    for (Delivery delivery : deliveries) {
      if (delivery.entry.lane != null) {
        lanes.put(delivery.message, delivery.entry.lane);
      }
    }
    List<Outcome<Void>> outcomes;
    try {
      outcomes =
          inbox.processBatch(
              deliveries.stream().map(Delivery::message).toList(), handler, lanes::get);
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

  private boolean isWaiting(Entry entry) {
    return entry.lane != null && waiting.contains(entry.lane);
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

  /** Once over, always over: a later batch must not go on where an earlier one did not. */
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
