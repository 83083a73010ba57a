package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Watermark;
import io.inbox.Watermark.Positioned;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.UsageException;
import io.inbox.outbox.OutboxMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Handles the messages of an ordered stream by their positions. */
abstract class WatermarkContract extends WatermarkTesting {
  private static final String BEHIND = "OutsideWindow(BEHIND_WATERMARK)";

  @Test
  void theFirstMessageAndThoseBehindAGapAreHandled() {
    Watermark mark = takeOver(open());
    assertThat(mark.position()).isEmpty();
    assertThat(mark.epoch()).isEqualTo(1);
    assertThat(stored()).isEqualTo("1@-1");
    assertThat(reasons(mark.processBatch(positions(0), noting()))).containsExactly("Processed");
    assertThat(reasons(mark.processBatch(positions(7, 1_000), noting())))
        .containsExactly("Processed", "Processed");
    assertThat(mark.position()).hasValue(1_000);
    assertThat(stored()).isEqualTo("1@1000");
    assertThat(books.applied()).containsExactlyInAnyOrder("m0", "m7", "m1000");
    assertThat(rows("message")).as("no row for a message").isZero();
  }

  @Test
  void whatComesAgainIsBehindTheWatermarkAndAcknowledged() {
    Watermark mark = takeOver(open());
    mark.processBatch(positions(3, 5), noting());
    List<Outcome<Void>> again = mark.processBatch(positions(3, 5), mustNotRun());
    assertThat(reasons(again)).containsExactly(BEHIND, BEHIND);
    assertThat(again).allMatch(Outcome::acknowledge);
    assertThat(as(Outcome.OutsideWindow.class, again.get(0)).deadLetterId()).isZero();
    assertThat(reasons(mark.processBatch(positions(4), mustNotRun())))
        .as("a position that was passed counts as handled")
        .containsExactly(BEHIND);
    assertThat(stored()).isEqualTo("1@5");
    assertThat(rows("dead_letter")).isZero();
  }

  @Test
  void theHandlerGetsOnlyWhatIsNotBehind() {
    Watermark mark = takeOver(open());
    mark.processBatch(positions(1, 2), noting());
    List<String> got = new ArrayList<>();
    assertThat(
            reasons(
                mark.processBatch(
                    positions(1, 2, 3, 9),
                    (fresh, tx) -> fresh.forEach(message -> got.add(message.id())))))
        .containsExactly(BEHIND, BEHIND, "Processed", "Processed");
    assertThat(got).containsExactly("m3", "m9");
  }

  /** A redelivery after a restart, when nothing but the database remembers. */
  @Test
  void theNextOwnerGoesOnWhereTheLastOneCommitted() {
    Inbox inbox = open();
    takeOver(inbox).processBatch(range(0, 10), noting());
    Watermark next = takeOver(inbox);
    assertThat(next.position()).hasValue(9);
    assertThat(next.epoch()).isEqualTo(2);
    assertThat(reasons(next.processBatch(range(8, 12), noting())))
        .containsExactly(BEHIND, BEHIND, "Processed", "Processed");
    assertThat(books.applied()).hasSize(12).doesNotHaveDuplicates();
  }

  @Test
  void consumersStreamsPartitionsAndTenantsAreApart() {
    Inbox inbox = open();
    Inbox other = open(consumer + "-other", pool, it -> it);
    takeOver(inbox).processBatch(positions(5), noting());
    for (Watermark mark :
        List.of(
            takeOver(other),
            inbox.takeOver("orders2", 0),
            inbox.takeOver(STREAM, 1),
            inbox.takeOver("acme", STREAM, 0))) {
      assertThat(mark.position()).as(mark.toString()).isEmpty();
      assertThat(mark.epoch()).as(mark.toString()).isEqualTo(1);
    }
    Watermark acme = inbox.takeOver("acme", STREAM, 0);
    Message ofAcme = Message.builder("a").tenant("acme").build();
    assertThat(acme.process(5, ofAcme, tx -> books.note(tx.connection(), "a")))
        .isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactlyInAnyOrder("m5", "a");
  }

  @Test
  void oneMessageMayBeHandledByItself() {
    Watermark mark = takeOver(open());
    Outcome<Void> first = mark.process(2, message("a"), tx -> books.apply(tx.connection(), "a", 1));
    assertThat(first).isInstanceOf(Outcome.Processed.class);
    assertThat(first.key().messageId()).isEqualTo("a");
    assertThat(reason(mark.process(2, message("a"), tx -> books.apply(tx.connection(), "a", 1))))
        .isEqualTo(BEHIND);
    assertThat(books.balance()).isEqualTo(1);
  }

  @Test
  void theOutboxGoesWithTheWatermark() {
    Watermark mark = takeOver(open());
    mark.processBatch(
        range(0, 3),
        (fresh, tx) -> {
          for (Message message : fresh) {
            tx.outbox().append(OutboxMessage.of(consumer, message.id(), bytes("x")));
          }
        });
    assertThat(
            books.text(
                "SELECT COUNT(*) FROM " + table("outbox") + " WHERE \"topic\" = ?", consumer))
        .isEqualTo("3");
  }

  @Test
  void whatIsAppendedForOneMessageNamesItAsItsCause() {
    Watermark mark = takeOver(open());
    mark.process(
        1,
        Message.builder("cause").correlationId("trace").build(),
        tx -> tx.outbox().append(OutboxMessage.of(consumer, "k", bytes("x"))));
    assertThat(
            books.text(
                "SELECT CONCAT(\"causation_id\", ' ', \"correlation_id\") FROM "
                    + table("outbox")
                    + " WHERE \"topic\" = ?",
                consumer))
        .isEqualTo("cause trace");
  }

  /** Above READ COMMITTED a lost race is a serialization failure, and all of it runs again. */
  @Test
  void repeatableReadHandlesOnce() {
    handlesOnce("TRANSACTION_REPEATABLE_READ");
  }

  @Test
  void serializableHandlesOnce() {
    handlesOnce("TRANSACTION_SERIALIZABLE");
  }

  private void handlesOnce(String isolation) {
    try (HikariDataSource strict = database().newPool(4, isolation)) {
      Inbox inbox = open(consumer, strict, it -> it);
      for (int round = 0; round < 5; round++) {
        Watermark mark = takeOver(inbox);
        assertThat(mark.processBatch(range(0, 10 * (round + 1)), noting()))
            .allMatch(Outcome::acknowledge);
      }
      inbox.close();
    }
    assertThat(books.applied()).hasSize(50).doesNotHaveDuplicates();
  }

  @Test
  void aBatchMayBeAsLargeAsAnyOther() {
    Watermark mark = takeOver(open());
    assertThat(mark.processBatch(range(0, 10_000), (fresh, tx) -> {}))
        .hasSize(10_000)
        .allMatch(Outcome::acknowledge);
    assertThat(stored()).isEqualTo("1@9999");
  }

  @Test
  void refusesAPositionOutOfRange() {
    Watermark mark = takeOver(open());
    for (long position : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThatThrownBy(() -> mark.process(position, message("a"), tx -> {}))
          .isInstanceOf(InvalidMessageException.class)
          .hasMessageContaining("IBX-115: position is " + position)
          .hasMessageContaining("0 to 9223372036854775806");
    }
    assertThat(mark.processBatch(positions(Long.MAX_VALUE - 1), noting()))
        .allMatch(Outcome::acknowledge);
    assertThat(stored()).isEqualTo("1@9223372036854775806");
  }

  /** The last of them would move the watermark past those that stand behind it. */
  @Test
  void refusesABatchThatGoesBack() {
    Watermark mark = takeOver(open());
    for (List<Positioned> batch : List.of(positions(1, 5, 3), positions(4, 4))) {
      assertThatThrownBy(() -> mark.processBatch(batch, mustNotRun()))
          .isInstanceOf(InvalidMessageException.class)
          .hasMessageContaining("IBX-116")
          .hasMessageContaining("ascending");
    }
    assertThat(stored()).isEqualTo("1@-1");
  }

  @Test
  void refusesWhatIsNoBatchAndNoWatermark() {
    Inbox inbox = open();
    Watermark mark = takeOver(inbox);
    assertThatThrownBy(() -> mark.processBatch(null, noting()))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-138");
    assertThatThrownBy(() -> mark.processBatch(Collections.singletonList(null), noting()))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-138");
    assertThatThrownBy(() -> mark.process(1, null, tx -> {}))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-138");
    assertThatThrownBy(() -> mark.processBatch(range(0, 10_001), noting()))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-114");
    assertThatThrownBy(() -> mark.processBatch(range(0, 1), null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("IBX-308");
    Message foreign = Message.builder("a").tenant("acme").build();
    assertThatThrownBy(() -> mark.process(1, foreign, tx -> {}))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-111");
    assertThatThrownBy(() -> inbox.takeOver(STREAM, -1)).hasMessageContaining("IBX-115");
    assertThatThrownBy(() -> inbox.takeOver("", 0)).hasMessageContaining("IBX-102: stream");
    assertThatThrownBy(() -> inbox.takeOver(null, 0)).hasMessageContaining("IBX-137: stream");
    assertThat(mark.processBatch(List.of(), mustNotRun())).isEmpty();
    assertThat(stored()).isEqualTo("1@-1");
  }

  /** Which of the two comes first would be left to chance. */
  @Test
  void refusesTwoThreadsAtOnce() throws Exception {
    Watermark mark = takeOver(open());
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Future<Outcome<Void>> first =
        threads.start(
            () ->
                mark.process(
                    1,
                    message("a"),
                    tx -> {
                      held.countDown();
                      Threads.await(go);
                    }));
    Threads.await(held);
    assertThatThrownBy(() -> mark.processBatch(range(2, 4), mustNotRun()))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-314");
    go.countDown();
    assertThat(Threads.result(first)).isInstanceOf(Outcome.Processed.class);
    assertThat(mark.processBatch(range(2, 4), noting())).allMatch(Outcome::acknowledge);
  }

  @Test
  void refusesToBeUsedInsideAHandler() {
    Inbox inbox = open();
    Watermark mark = takeOver(inbox);
    Outcome<Void> outcome =
        inbox.process(message("a"), tx -> mark.process(1, message("b"), inner -> {}));
    assertThat(as(Outcome.Failed.class, outcome).cause())
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("IBX-313");
    assertThat(reasons(mark.processBatch(range(1, 2), noting()))).containsExactly("Processed");
  }
}
