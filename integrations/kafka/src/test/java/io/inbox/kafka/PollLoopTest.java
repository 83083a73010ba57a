package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a broker cannot be made to do at a given moment. */
final class PollLoopTest {
  private static final TopicPartition P0 = new TopicPartition("orders", 0);
  private static final TopicPartition P1 = new TopicPartition("orders", 1);

  private final TestInbox inbox = TestInbox.onH2("poll-loop");
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicBoolean commitFails = new AtomicBoolean();
  private final MockConsumer<byte[], byte[]> consumer =
      new MockConsumer<>(AutoOffsetResetStrategy.EARLIEST.name()) {
        @Override
        public void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
          if (commitFails.getAndSet(false)) {
            throw new CommitFailedException();
          }
          super.commitSync(offsets, timeout);
        }
      };
  private final PollLoop loop =
      new PollLoop(
          consumer,
          List.of("orders"),
          inbox.records(
              (fresh, tx) -> {
                TestInbox.note(fresh, tx);
                if (Tests.text(fresh.get(0).payload()).equals("slow")) {
                  entered.countDown();
                  Tests.await(go);
                }
              }),
          false,
          Duration.ofMillis(100),
          Duration.ofSeconds(10));

  @BeforeEach
  void prepare() {
    consumer.updateBeginningOffsets(Map.of(P0, 0L, P1, 0L));
  }

  @AfterEach
  void close() {
    go.countDown();
    loop.close();
    inbox.close();
  }

  @Test
  void commitsNothingOfALostPartitionAndStillThatOfTheOther() throws Exception {
    assignAndAddSlow();
    loop.start();
    Tests.await(entered);
    inPoll(() -> loop.onPartitionsLost(List.of(P0)));
    go.countDown();
    Tests.eventually("P1 committed", () -> committed(P1) == 1);
    assertThat(committed(P0)).isZero();
    assertThat(inbox.effects()).contains("slow");
  }

  @Test
  void dropsTheResultOfAPartitionThatWasRevokedAndCameBack() throws Exception {
    assignAndAddSlow();
    loop.start();
    Tests.await(entered);
    inPoll(
        () -> {
          loop.onPartitionsRevoked(List.of(P0)); // waits in vain for the handler
          loop.onPartitionsAssigned(List.of(P0));
        });
    go.countDown();
    Tests.eventually("P1 committed", () -> committed(P1) == 1);
    assertThat(committed(P0)).isZero();
  }

  @Test
  void goesOnAfterErrorsThatMayMendThemselves() throws Exception {
    commitFails.set(true);
    consumer.schedulePollTask(
        () -> consumer.setPollException(new TopicAuthorizationException("not yet")));
    consumer.schedulePollTask(
        () -> {
          consumer.rebalance(List.of(P0));
          consumer.addRecord(Polled.record(P0, 0, "a", "a1", Map.of()));
        });
    loop.start();
    Tests.eventually("handled", () -> inbox.effects().size() == 1);
    inPoll(() -> consumer.addRecord(Polled.record(P0, 1, "a", "a2", Map.of())));
    Tests.eventually("committed", () -> committed(P0) == 2);
    assertThat(loop.running()).isTrue();
  }

  @Test
  void endsAfterAnErrorThatWillNotMendItselfAndSaysSo() throws Exception {
    KafkaException fenced = new FencedInstanceIdException("another instance");
    consumer.schedulePollTask(() -> consumer.setPollException(fenced));
    loop.start();
    Tests.eventually("ended", () -> !loop.running());
    Tests.eventually("closed", consumer::closed);
    assertThat(loop.failure()).contains(fenced);
  }

  private void assignAndAddSlow() {
    consumer.schedulePollTask(
        () -> {
          consumer.rebalance(List.of(P0, P1));
          consumer.addRecord(Polled.record(P0, 0, "a", "slow", Map.of()));
          consumer.addRecord(Polled.record(P1, 0, "b", "quick", Map.of()));
        });
  }

  /** Runs it on the polling thread, where Kafka calls, and waits until it ran. */
  private void inPoll(Runnable task) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    consumer.schedulePollTask(
        () -> {
          task.run();
          done.countDown();
        });
    Tests.await(done);
  }

  private long committed(TopicPartition partition) {
    OffsetAndMetadata offset = consumer.committed(java.util.Set.of(partition)).get(partition);
    return offset == null ? 0 : offset.offset();
  }
}
