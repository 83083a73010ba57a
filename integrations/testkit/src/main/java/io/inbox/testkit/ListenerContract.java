package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.BatchHandler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Watermark;
import io.inbox.Watermark.Positioned;
import io.inbox.spi.DeliveryEvent;
import io.inbox.spi.DeliveryEvent.Timing;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What listeners are told of deliveries: metrics and tracing are no better than that. */
abstract class ListenerContract extends Contract {
  private final List<DeliveryEvent> seen = new ArrayList<>();
  private final List<Duration> runs = new ArrayList<>();

  private Inbox listened() {
    return open(it -> it.maxPayloadBytes(1_000).listener(seen::add));
  }

  /** Writes, notes how long it ran, and loses a race in its first run. */
  private final BatchHandler losingOnce =
      (fresh, tx) -> {
        long start = System.nanoTime();
        for (Message message : fresh) {
          books.note(tx.connection(), message.id());
        }
        runs.add(Duration.ofNanos(System.nanoTime() - start));
        if (runs.size() == 1) {
          throw new SQLException("a race that was lost elsewhere", "40001");
        }
      };

  private void toldWhereTheTimeWent(Consumer<Inbox> delivery, int batchSize) {
    delivery.accept(listened());
    assertThat(runs).hasSize(2);
    assertThat(seen).hasSize(batchSize).allMatch(it -> it.outcome() instanceof Outcome.Processed);
    for (DeliveryEvent event : seen) {
      Timing timing = event.timing();
      assertThat(event.batchSize()).isEqualTo(batchSize);
      assertThat(timing.connect()).isPositive();
      assertThat(timing.claim()).isPositive();
      assertThat(timing.handle()).isGreaterThanOrEqualTo(runs.get(1));
      assertThat(timing.commit()).isPositive();
      Duration last =
          timing.connect().plus(timing.claim()).plus(timing.handle()).plus(timing.commit());
      assertThat(timing.total()).isGreaterThanOrEqualTo(last.plus(runs.get(0)));
    }
  }

  @Test
  void theTimeOfADeliveryIsSplitUp() {
    Message message = message("a");
    toldWhereTheTimeWent(
        inbox -> inbox.process(message, tx -> losingOnce.handle(List.of(message), tx)), 1);
  }

  @Test
  void theTimeOfABatchIsSplitUp() {
    toldWhereTheTimeWent(
        inbox -> inbox.processBatch(List.of(message("a"), message("b")), losingOnce), 2);
  }

  @Test
  void theTimeOfAnOwnedPartitionIsSplitUp() {
    toldWhereTheTimeWent(
        inbox ->
            inbox
                .takeOver("orders", 0)
                .processBatch(
                    List.of(new Positioned(1, message("a")), new Positioned(2, message("b"))),
                    losingOnce),
        2);
  }

  private static final BatchHandler FAILING =
      (fresh, tx) -> {
        if (fresh.stream().anyMatch(it -> it.id().equals("fails"))) {
          throw new IllegalStateException("on purpose");
        }
      };

  private static Message of(String id) {
    return Message.builder(id).subject("s").payload(bytes(id)).build();
  }

  private static Message large(String id) {
    return Message.builder(id).subject("l").payload(new byte[1_001]).build();
  }

  /** Also of those that met no handler and no database. */
  @Test
  void everyMessageOfABatchIsToldOnce() {
    List<Message> batch = List.of(of("good"), of("fails"), of("good"), of("behind"), large("l"));
    List<Outcome<Void>> outcomes =
        listened().processBatch(batch, FAILING, message -> message.subject().orElseThrow());
    assertThat(kinds(outcomes))
        .containsExactly("Processed", "Failed", "Duplicate", "InFlight", "Failed");
    toldOnce(outcomes);
  }

  @Test
  void everyMessageOfAnOwnedPartitionIsToldOnce() {
    Watermark mark = listened().takeOver("orders", 0);
    toldOnce(mark.processBatch(List.of(new Positioned(1, large("l"))), FAILING));
    List<Positioned> batch = new ArrayList<>();
    for (String id : List.of("good", "fails", "behind")) {
      batch.add(new Positioned(batch.size(), of(id)));
    }
    batch.add(new Positioned(batch.size(), large("l")));
    List<Outcome<Void>> outcomes = mark.processBatch(batch, FAILING);
    assertThat(kinds(outcomes)).containsExactly("Processed", "Failed", "InFlight", "InFlight");
    toldOnce(outcomes);
    toldOnce(mark.processBatch(batch.subList(0, 1), FAILING));
  }

  private void toldOnce(List<Outcome<Void>> outcomes) {
    assertThat(seen)
        .extracting(it -> (Object) it.outcome())
        .containsExactlyInAnyOrderElementsOf(outcomes);
    seen.clear();
  }
}
