package io.inbox.kafka;

import io.inbox.BatchHandler;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.Watermark;
import io.inbox.Watermark.Positioned;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.UsageException;
import io.inbox.kafka.RecordHandler.Handled;
import io.inbox.kafka.RecordHandler.Redelivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pass over the records of a poll by watermarks: each partition by itself and in its order, its
 * offsets being the positions. A record that is not settled ends the pass over its partition.
 */
final class WatermarkPass {
  private static final Logger LOG = LoggerFactory.getLogger(RecordHandler.class);
  private static final int LARGEST_BATCH = 10_000;
  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

  private final BatchHandler handler;
  private final RecordMessages messages;
  private final BooleanSupplier stop;
  private final Map<TopicPartition, OffsetAndMetadata> commit = new HashMap<>();
  private final Map<TopicPartition, Redelivery> redeliver = new HashMap<>();
  private @Nullable Duration trouble;
  private boolean over;

  WatermarkPass(BatchHandler handler, RecordMessages messages, BooleanSupplier stop) {
    this.handler = handler;
    this.messages = messages;
    this.stop = stop;
  }

  /** Handles the records; carefully means with one of them first. */
  Handled run(
      ConsumerRecords<byte[], byte[]> records,
      Map<TopicPartition, Watermark> owned,
      boolean carefully) {
    int first = carefully ? 1 : LARGEST_BATCH;
    for (TopicPartition partition : records.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> polled = records.records(partition);
      @Nullable Watermark mark = owned.get(partition);
      if (mark == null) {
        redeliver.put(partition, new Redelivery(polled.get(0).offset(), AFTER_TROUBLE));
        continue;
      }
      Partition one = new Partition(mark, polled);
      one.run(first);
      first = LARGEST_BATCH;
      if (one.settled > 0) {
        ConsumerRecord<?, ?> last = polled.get(one.settled - 1);
        commit.put(partition, new OffsetAndMetadata(last.offset() + 1, last.leaderEpoch(), ""));
      }
      if (one.settled < polled.size()) {
        Duration after = trouble != null && trouble.compareTo(one.after) > 0 ? trouble : one.after;
        redeliver.put(partition, new Redelivery(polled.get(one.settled).offset(), after));
      }
    }
    return new Handled(commit, redeliver, trouble != null);
  }

  /** Once over, always over: a later batch must not go on where an earlier one did not. */
  private boolean ended() {
    over |= trouble != null || stop.getAsBoolean() || Thread.currentThread().isInterrupted();
    return over;
  }

  /** The records of one partition, settled from the first on. */
  private final class Partition {
    private final Watermark mark;
    private final List<ConsumerRecord<byte[], byte[]>> records;
    private int settled;
    private Duration after = Duration.ZERO;

    Partition(Watermark mark, List<ConsumerRecord<byte[], byte[]>> records) {
      this.mark = mark;
      this.records = records;
    }

    void run(int largest) {
      int most = largest;
      List<Positioned> batch = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        @Nullable Positioned positioned = null;
        @Nullable RuntimeException unreadable = null;
        try {
          Message message = messages.message(record);
          positioned = new Positioned(record.offset(), message);
        } catch (RuntimeException e) {
          unreadable = e;
        }
        if (positioned != null) {
          batch.add(positioned);
        }
        if (unreadable != null || batch.size() == most) {
          if (!process(batch)) {
            return;
          }
          batch = new ArrayList<>();
          most = LARGEST_BATCH;
        }
        if (unreadable != null && !setAside(unreadable)) {
          return;
        }
      }
      process(batch);
    }

    /** Returns whether all of them are settled. */
    private boolean process(List<Positioned> batch) {
      if (batch.isEmpty()) {
        return true;
      }
      if (ended()) {
        return false;
      }
      List<Outcome<Void>> outcomes;
      try {
        outcomes = mark.processBatch(batch, handler);
      } catch (InvalidMessageException e) {
        return refused(batch, e);
      } catch (UsageException e) {
        throw e; // a mistake of the code around this call
      } catch (RuntimeException e) {
        return trouble(e);
      }
      for (int i = 0; i < outcomes.size(); i++) {
        Outcome<Void> outcome = outcomes.get(i);
        if (outcome.acknowledge()) {
          settled++;
        } else if (outcome instanceof Outcome.Failed<Void> failed
            && failed.reason().equals(Reason.INVALID)) {
          return setAside(failed.cause()) && process(batch.subList(i + 1, batch.size()));
        } else {
          return postpone(outcome);
        }
      }
      return true;
    }

    /** Nothing was decided, and it is not said which message is at fault. */
    private boolean refused(List<Positioned> batch, InvalidMessageException refusal) {
      if (batch.size() == 1) {
        return setAside(refusal);
      }
      int middle = batch.size() / 2;
      return process(batch.subList(0, middle)) && process(batch.subList(middle, batch.size()));
    }

    private boolean postpone(Outcome<Void> outcome) {
      after = AFTER_TROUBLE;
      if (outcome instanceof Outcome.Failed<Void> failed) {
        after = failed.retryAfter();
        if (failed.reason().equals(Reason.DATABASE_UNAVAILABLE)) {
          trouble = after;
        }
      } else if (outcome instanceof Outcome.InFlight<Void> busy) {
        after = busy.retryAfter();
      }
      return false;
    }

    /** Stores the next record, which can never be handled, and passes it. */
    private boolean setAside(Throwable error) {
      if (error instanceof RetryLaterException) {
        after = AFTER_TROUBLE;
        return false;
      }
      if (ended()) {
        return false;
      }
      ConsumerRecord<byte[], byte[]> record = records.get(settled);
      String why = error.getMessage() == null ? error.toString() : error.getMessage();
      Outcome<Void> outcome;
      try {
        outcome = mark.setAside(record.offset(), messages.headers(record), record.value(), why);
      } catch (RuntimeException e) {
        return trouble(e);
      }
      if (!outcome.acknowledge()) {
        return postpone(outcome);
      }
      settled++;
      // The message of a foreign exception may quote the payload; the dead letter has it.
      String loggable = error instanceof InvalidMessageException ? why : error.getClass().getName();
      LOG.warn("{} is a dead letter: {}", Positions.of(record), loggable);
      return true;
    }

    private boolean trouble(RuntimeException error) {
      LOG.error(
          "Nothing is decided about {} and the records behind it, they are not acknowledged: {}",
          Positions.of(records.get(settled)),
          error.getMessage(),
          error);
      trouble = AFTER_TROUBLE;
      after = AFTER_TROUBLE;
      return false;
    }
  }
}
