package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.Watermark;
import io.inbox.Watermark.Positioned;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A message that is not handled stops the watermark before it, until it is a dead letter. */
abstract class WatermarkFailureContract extends WatermarkTesting {
  private static final String BEHIND = "OutsideWindow(BEHIND_WATERMARK)";
  private static final String WAITS = "InFlight(BEHIND_ANOTHER)";

  @Test
  void aFailingMessageStopsTheWatermarkBeforeIt() {
    Watermark mark = takeOver(open());
    List<Outcome<Void>> outcomes = mark.processBatch(range(0, 8), failingAt(3));
    assertThat(reasons(outcomes))
        .containsExactly(
            "Processed",
            "Processed",
            "Processed",
            "Failed(HANDLER_FAILED)",
            WAITS,
            WAITS,
            WAITS,
            WAITS);
    assertThat(stored()).isEqualTo("1@2");
    assertThat(mark.position()).hasValue(2);
    assertThat(books.applied()).containsExactlyInAnyOrder("m0", "m1", "m2");
    assertThat(rows("attempt")).isEqualTo(1);
    assertThat(reasons(mark.processBatch(range(2, 8), noting())).get(0)).isEqualTo(BEHIND);
    assertThat(books.applied()).hasSize(8).doesNotHaveDuplicates();
    assertThat(stored()).isEqualTo("1@7");
    assertThat(rows("attempt")).as("handled after all").isZero();
  }

  /** What comes again at another position is another message, though it has the same id. */
  @Test
  void attemptsAreCountedByPosition() {
    Message message = message("m1");
    List<Positioned> here = List.of(new Positioned(1, message));
    List<Positioned> there = List.of(new Positioned(90, message));
    Inbox inbox = open();
    assertThat(failure(inbox.takeOver(STREAM, 0).processBatch(here, failingAt(1))).attempt())
        .isEqualTo(1);
    Watermark mark = inbox.takeOver(STREAM, 0);
    assertThat(kinds(mark.processBatch(here, noting()))).containsExactly("Processed");
    assertThat(failure(mark.processBatch(there, failingAt(1))).attempt()).isEqualTo(1);
  }

  private static Outcome.Failed<?> failure(List<Outcome<Void>> outcomes) {
    return as(Outcome.Failed.class, outcomes.get(0));
  }

  @Test
  void afterTheLastAttemptItIsADeadLetterAndTheOthersGoOn() {
    Inbox inbox = open(it -> it.retry(RetryPolicy.builder().maxAttempts(2).build()));
    Watermark mark = takeOver(inbox);
    mark.processBatch(range(0, 4), failingAt(1));
    List<Outcome<Void>> second = mark.processBatch(range(1, 4), failingAt(1));
    assertThat(reasons(second))
        .containsExactly("DeadLettered(ATTEMPTS_EXHAUSTED)", "Processed", "Processed");
    assertThat(stored()).isEqualTo("1@3");
    assertThat(books.applied()).containsExactlyInAnyOrder("m0", "m2", "m3");
    assertThat(rows("attempt")).isZero();
    assertThat(reasons(mark.processBatch(range(1, 2), mustNotRun()))).containsExactly(BEHIND);
    DeadLetter letter = inbox.deadLetters().list(DeadLetterQuery.first(5)).get(0);
    assertThat(letter.key().orElseThrow().messageId()).isEqualTo("m1");
    assertThat(
            inbox
                .deadLetters()
                .replay(letter.id(), null, it -> tx -> books.note(tx.connection(), it.id())))
        .isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).hasSize(4).doesNotHaveDuplicates();
  }

  /** The letter and the move are one commit: without the letter the watermark must not move. */
  @Test
  void theWatermarkDoesNotPassAMessageWhoseLetterCannotBeStored() {
    RetryPolicy once = RetryPolicy.builder().maxAttempts(1).build();
    Watermark mark = takeOver(open(it -> it.retry(once)));
    books.run("ALTER TABLE " + table("dead_letter") + " RENAME TO \"dead_letter_away\"");
    try {
      List<Outcome<Void>> outcomes = mark.processBatch(range(0, 3), failingAt(1));
      assertThat(reasons(outcomes)).containsExactly("Processed", "Failed(HANDLER_FAILED)", WAITS);
      Outcome.Failed<?> failed = as(Outcome.Failed.class, outcomes.get(1));
      assertThat(failed.attempt()).isZero();
      assertThat(stored()).isEqualTo("1@0");
    } finally {
      books.run(
          "ALTER TABLE "
              + table("dead_letter").replace("dead_letter", "dead_letter_away")
              + " RENAME TO \"dead_letter\"");
    }
    assertThat(reasons(mark.processBatch(range(1, 3), failingAt(1))))
        .containsExactly("DeadLettered(ATTEMPTS_EXHAUSTED)", "Processed");
    assertThat(books.applied()).containsExactlyInAnyOrder("m0", "m2");
  }

  @Test
  void anErrorIsCountedAndThrownAndNothingBehindItRuns() {
    Watermark mark = takeOver(open());
    assertThatThrownBy(
            () ->
                mark.processBatch(
                    range(0, 4),
                    (fresh, tx) -> {
                      for (Message message : fresh) {
                        if (message.id().equals("m2")) {
                          throw new StackOverflowError("on purpose");
                        }
                        books.note(tx.connection(), message.id());
                      }
                    }))
        .isInstanceOf(StackOverflowError.class);
    assertThat(books.applied()).containsExactlyInAnyOrder("m0", "m1");
    assertThat(stored()).isEqualTo("1@1");
    assertThat(rows("attempt")).isEqualTo(1);
  }

  @Test
  void anErrorOfTheMachineIsThrownAtOnceAndCountsForNobody() {
    Watermark mark = takeOver(open());
    List<Integer> runs = new ArrayList<>();
    assertThatThrownBy(
            () ->
                mark.processBatch(
                    range(0, 4),
                    (fresh, tx) -> {
                      runs.add(fresh.size());
                      throw new InternalError("on purpose");
                    }))
        .isInstanceOf(InternalError.class);
    assertThat(runs).containsExactly(4);
    assertThat(rows("attempt")).isZero();
    assertThat(stored()).isEqualTo("1@-1");
  }

  /** On some databases the driver reports success for a commit that kept nothing. */
  @Test
  void aSwallowedErrorDoesNotMoveTheWatermark() {
    Watermark mark = takeOver(open());
    Handler swallowing =
        tx -> {
          try {
            books.fail(tx.connection());
          } catch (java.sql.SQLException e) {
            assertThat(e.getSQLState()).isNotNull(); // and goes on as if nothing was
          }
        };
    for (int attempt = 1; attempt <= 2; attempt++) { // before the second there is one to forget
      Outcome<Void> outcome = mark.process(1, message("a"), swallowing);
      assertThat(reason(outcome)).isEqualTo("Failed(HANDLER_FAILED)");
      assertThat(as(Outcome.Failed.class, outcome).attempt()).isEqualTo(attempt);
      assertThat(stored()).isEqualTo("1@-1");
    }
  }

  @Test
  void anInterruptIsNotCountedAndStopsTheRest() {
    Watermark mark = takeOver(open());
    List<Outcome<Void>> outcomes =
        mark.processBatch(
            range(0, 3),
            (fresh, tx) -> {
              throw new InterruptedException("told to stop");
            });
    assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
    assertThat(reasons(outcomes)).containsOnly("Failed(INTERRUPTED)");
    assertThat(rows("attempt")).isZero();
    assertThat(stored()).isEqualTo("1@-1");
  }

  @Test
  void aMessageThatBreaksALimitStopsTheWatermarkUntilItIsSetAside() {
    Inbox inbox = open(it -> it.maxPayloadBytes(100));
    Watermark mark = takeOver(inbox);
    List<Positioned> batch =
        List.of(at(0), new Positioned(1, Message.of("large", new byte[101])), at(2));
    assertThat(reasons(mark.processBatch(batch, noting())))
        .containsExactly("Processed", "Failed(INVALID)", WAITS);
    assertThat(stored()).isEqualTo("1@0");
    assertThat(reason(mark.setAside(1, Map.of("size", "101"), new byte[101], "too large")))
        .isEqualTo("DeadLettered(NO_USABLE_ID)");
    assertThat(stored()).isEqualTo("1@1");
    assertThat(reason(mark.setAside(1, Map.of(), null, "again"))).isEqualTo(BEHIND);
    assertThat(reasons(mark.processBatch(batch, noting())))
        .containsExactly(BEHIND, BEHIND, "Processed");
    List<DeadLetter> letters = inbox.deadLetters().list(DeadLetterQuery.first(5));
    assertThat(letters).hasSize(1);
    assertThat(letters.get(0).reason()).isEqualTo(Reason.NO_USABLE_ID);
    assertThat(inbox.deadLetters().show(letters.get(0).id()).orElseThrow().headers())
        .containsEntry("size", "101");
  }

  @Test
  void aMessageDeliveredTooOftenIsGivenUpWithoutRunning() {
    Watermark mark = takeOver(open());
    Message killer = Message.builder("killer").deliveryCount(101).build();
    List<String> ran = new ArrayList<>();
    List<Outcome<Void>> outcomes =
        mark.processBatch(
            List.of(at(0), new Positioned(1, killer), at(2)),
            (fresh, tx) -> fresh.forEach(message -> ran.add(message.id())));
    assertThat(reasons(outcomes))
        .containsExactly("Processed", "DeadLettered(DELIVERIES_EXHAUSTED)", "Processed");
    assertThat(ran).containsExactly("m0", "m2");
    assertThat(rows("dead_letter")).isEqualTo(1);
    assertThat(stored()).isEqualTo("1@2");
  }
}
