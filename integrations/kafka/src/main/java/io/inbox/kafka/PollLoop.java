package io.inbox.kafka;

import io.inbox.kafka.RecordHandler.Handled;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The polling thread, and the only one that touches the consumer. Records are handled on a second
 * thread; while they are, this one polls with everything paused, so that the group sees it alive
 * and rebalances reach it.
 */
final class PollLoop implements ConsumerRebalanceListener {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaInbox.class);
  private static final Duration IDLE_POLL = Duration.ofSeconds(1);

  /** How long a result is waited for before the consumer is polled in between. */
  private static final Duration RESULT_WAIT = Duration.ofMillis(50);

  private static final Duration BUSY_POLL = Duration.ofMillis(10);
  private static final Duration COMMIT_WAIT = Duration.ofSeconds(5);
  private static final Duration AFTER_ERROR = Duration.ofSeconds(1);

  private final Consumer<byte[], byte[]> consumer;
  private final List<String> topics;
  private final RecordHandler records;
  private final Duration revokeWait;
  private final Duration closeWait;
  private final Ownership owned;
  private final @Nullable Marks marks;
  private final ExecutorService handling;
  private final Thread polling;
  private final CountDownLatch closing = new CountDownLatch(1);
  private @Nullable Work work;
  private Map<TopicPartition, Long> polledIn = Map.of();
  private volatile @Nullable Throwable failure;

  PollLoop(
      Consumer<byte[], byte[]> consumer,
      List<String> topics,
      RecordHandler records,
      boolean watermarks,
      Duration revokeWait,
      Duration closeWait) {
    this.consumer = consumer;
    this.topics = topics;
    this.records = records;
    this.revokeWait = revokeWait;
    this.closeWait = closeWait;
    this.owned = new Ownership(consumer);
    this.marks = watermarks ? new Marks(consumer, records) : null;
    String name = "inbox-kafka-" + records.consumer();
    this.handling = Executors.newSingleThreadExecutor(task -> new Thread(task, name + "-handler"));
    this.polling = new Thread(this::run, name);
  }

  void start() {
    polling.start();
  }

  boolean running() {
    return polling.isAlive() && closing.getCount() > 0;
  }

  Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  void close() {
    closing.countDown();
    if (!Thread.currentThread().equals(polling)) {
      consumer.wakeup();
      try {
        polling.join(closeWait.plus(COMMIT_WAIT.multipliedBy(3)).toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean open() {
    return closing.getCount() > 0;
  }

  private void run() {
    try {
      consumer.subscribe(topics, this);
      while (open()) {
        try {
          step();
        } catch (WakeupException e) {
          LOG.debug("Woken up to close");
        } catch (KafkaException e) {
          survive(e);
        }
      }
    } catch (InterruptedException | InterruptException e) {
      LOG.info("The polling thread of {} was interrupted, it ends", topics);
    } catch (Throwable e) {
      failure = e;
      LOG.error("Reading {} ended because of an error that will not mend itself", topics, e);
    } finally {
      end();
    }
  }

  /** What may mend itself is tried again: a broker, a login or a right may come back. */
  private void survive(KafkaException error) throws InterruptedException {
    if (error instanceof FencedInstanceIdException
        || error instanceof UnsupportedVersionException
        || error instanceof NoOffsetForPartitionException
        || error instanceof InterruptException) {
      throw error;
    }
    LOG.error("Polling {} failed, it is tried again in {}", topics, AFTER_ERROR, error);
    boolean ended = closing.await(AFTER_ERROR.toMillis(), TimeUnit.MILLISECONDS);
    LOG.debug("Polling {} goes on: {}", topics, !ended);
  }

  private void step() throws InterruptedException {
    if (work != null) {
      if (!takeResult(work, RESULT_WAIT)) {
        pollBesides();
      }
      return;
    }
    commit(owned.uncommitted());
    Duration most = marks == null ? IDLE_POLL : marks.takeOver(IDLE_POLL);
    Duration wait = owned.pauseAndResume(most, marks == null ? Set.of() : marks.pending());
    ConsumerRecords<byte[], byte[]> polled = consumer.poll(wait);
    if (!polled.isEmpty()) {
      polledIn = owned.terms();
      work = Work.start(polled, records, marks == null ? null : marks.owned(), handling);
    }
  }

  /** Returns false if the work has not ended in time. */
  private boolean takeResult(Work running, Duration atMost) throws InterruptedException {
    @Nullable Handled handled = running.await(atMost);
    if (handled == null) {
      return false;
    }
    work = null;
    owned.apply(handled, polledIn);
    return true;
  }

  /** Keeps the membership alive; nothing is paused for a handler that is quick. */
  private void pollBesides() {
    owned.pauseAll();
    ConsumerRecords<byte[], byte[]> unasked = consumer.poll(BUSY_POLL);
    for (TopicPartition partition : unasked.partitions()) {
      consumer.seek(partition, unasked.records(partition).get(0).offset());
    }
  }

  /**
   * Commits what it can. A commit that fails is no harm: the next one covers it, and what comes
   * again is recognised.
   */
  private void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
    if (offsets.isEmpty()) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> some = new HashMap<>(offsets);
    try {
      commitAwake(some);
      offsets.keySet().removeAll(some.keySet());
    } catch (RebalanceInProgressException | RetriableException e) {
      LOG.debug("Committing {} is tried again: {}", some, e.toString());
    } catch (CommitFailedException e) {
      offsets.keySet().removeAll(some.keySet());
      LOG.info("The group has gone on without this consumer, {} are read again", some.keySet());
    }
  }

  /** Only closing wakes the consumer up, and it wants these offsets, too. */
  private void commitAwake(Map<TopicPartition, OffsetAndMetadata> offsets) {
    try {
      consumer.commitSync(offsets, COMMIT_WAIT);
    } catch (WakeupException e) {
      consumer.commitSync(offsets, COMMIT_WAIT);
    }
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    owned.assigned(partitions);
    if (marks != null) {
      marks.assigned(partitions);
    }
    if (work != null || owned.outage() || marks != null) {
      consumer.pause(partitions);
    }
    LOG.info("Assigned {}", partitions);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    boolean ended = endOrLeave(partitions, revokeWait);
    if (!ended) {
      LOG.warn(
          "The handler did not end within {}: the records of {} go to another consumer, what commits here later is recognised there",
          revokeWait,
          partitions);
    }
    Map<TopicPartition, OffsetAndMetadata> last = new HashMap<>(owned.uncommitted());
    last.keySet().retainAll(partitions);
    try {
      commit(last);
    } finally {
      gone(partitions); // or its offsets would later be committed over another consumer's
    }
    LOG.info("Revoked {}", partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    Work running = work;
    if (running != null && !Collections.disjoint(running.partitions(), partitions)) {
      running.stop();
    }
    gone(partitions);
    LOG.info("Lost {}", partitions);
  }

  private void gone(Collection<TopicPartition> partitions) {
    owned.gone(partitions);
    if (marks != null) {
      marks.gone(partitions);
    }
  }

  /** Returns whether no work on these partitions is left. */
  private boolean endOrLeave(Collection<TopicPartition> partitions, Duration atMost) {
    Work running = work;
    if (running == null || Collections.disjoint(running.partitions(), partitions)) {
      return true;
    }
    running.stop();
    try {
      return takeResult(running, atMost);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private void end() {
    closing.countDown();
    try {
      if (work != null && !endOrLeave(work.partitions(), closeWait)) {
        LOG.warn(
            "The handler did not end within {} and is left to end by itself; what it commits is recognised when it comes again",
            closeWait);
      }
      work = null;
      commit(owned.uncommitted());
    } catch (RuntimeException | Error e) {
      LOG.warn("The last offsets of {} were not committed; they are read again", topics, e);
    } finally {
      work = null;
      handling.shutdown();
      leave();
    }
  }

  /** Kafka 4.1 has a newer way to close, older clients do not. */
  @SuppressWarnings("deprecation")
  private void leave() {
    try {
      consumer.close(COMMIT_WAIT);
    } catch (RuntimeException e) {
      LOG.warn("The consumer of {} could not be closed cleanly", topics, e);
    }
  }
}
