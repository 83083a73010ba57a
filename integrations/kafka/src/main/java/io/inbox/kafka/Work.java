package io.inbox.kafka;

import io.inbox.Watermark;
import io.inbox.kafka.RecordHandler.Handled;
import io.inbox.kafka.RecordHandler.Redelivery;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The records of one poll while they are handled on the handling thread. */
final class Work {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaInbox.class);
  private static final Duration AFTER_ERROR = Duration.ofSeconds(1);

  private final ConsumerRecords<byte[], byte[]> records;
  private final CompletableFuture<Handled> result = new CompletableFuture<>();
  private volatile boolean stop;

  private Work(ConsumerRecords<byte[], byte[]> records) {
    this.records = records;
  }

  /**
   * Starts it.
   *
   * @param marks the watermarks to go by, as they are owned now; null to go by ids
   */
  static Work start(
      ConsumerRecords<byte[], byte[]> records,
      RecordHandler handler,
      @Nullable Map<TopicPartition, Watermark> marks,
      Executor executor) {
    Work work = new Work(records);
    executor.execute(
        () -> {
          try {
            work.result.complete(
                marks == null
                    ? handler.handle(records, () -> work.stop)
                    : handler.handle(records, marks, () -> work.stop));
          } catch (Throwable e) {
            work.result.completeExceptionally(e);
          }
        });
    return work;
  }

  Set<TopicPartition> partitions() {
    return records.partitions();
  }

  /** Asks it to end after the transaction in progress. */
  void stop() {
    stop = true;
  }

  /**
   * Waits for the end.
   *
   * @return null if it has not come in time
   * @throws InterruptedException if the thread is interrupted
   * @throws VirtualMachineError that the business code threw: the process is beyond repair
   */
  @Nullable Handled await(Duration atMost) throws InterruptedException {
    try {
      return result.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return null;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof VirtualMachineError fatal && !(cause instanceof StackOverflowError)) {
        throw fatal;
      }
      LOG.error("Handling the records of {} ended with an error", partitions(), cause);
      return nothing();
    }
  }

  /** All of it comes again: what was committed before the error is recognised. */
  private Handled nothing() {
    Map<TopicPartition, Redelivery> again = new HashMap<>();
    for (TopicPartition partition : records.partitions()) {
      again.put(partition, new Redelivery(records.records(partition).get(0).offset(), AFTER_ERROR));
    }
    return new Handled(Map.of(), again, true);
  }
}
