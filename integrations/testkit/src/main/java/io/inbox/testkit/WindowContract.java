package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.DeadLetter;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Messages whose time lies where nobody remembers, or in the future. */
abstract class WindowContract extends Contract {
  private static final Duration WINDOW = Duration.ofDays(7);

  private Inbox inbox() {
    return open(it -> it.window(WINDOW).maxAhead(Duration.ofHours(1)));
  }

  private static Message at(String id, Instant time) {
    return Message.builder(id).time(time).payload(bytes("payload of " + id)).build();
  }

  private void purgedUpTo(Instant horizon) {
    int rows =
        books.run(
            "UPDATE " + table("consumer") + " SET \"purge_horizon\" = ? WHERE \"consumer\" = ?",
            horizon.atOffset(ZoneOffset.UTC),
            consumer);
    assertThat(rows).isEqualTo(1);
  }

  private static Outcome.OutsideWindow<?> outside(Outcome<Void> outcome, Reason reason) {
    Outcome.OutsideWindow<?> outside = as(Outcome.OutsideWindow.class, outcome);
    assertThat(outside.reason()).isEqualTo(reason);
    assertThat(outside.acknowledge()).isTrue();
    return outside;
  }

  @Test
  void aMessageOlderThanTheWindowIsKeptAndNotHandled() {
    Inbox inbox = inbox();
    Message old = at("old", Instant.now().minus(WINDOW).minusSeconds(60));
    Outcome.OutsideWindow<?> outcome = outside(mustNotRun(inbox, old), Reason.TOO_OLD);
    DeadLetter letter = inbox.deadLetters().show(outcome.deadLetterId()).orElseThrow();
    assertThat(letter.payload()).contains(bytes("payload of old"));
    assertThat(letter.reason()).isEqualTo(Reason.TOO_OLD);
    assertThat(rows("message")).as("no key is written").isZero();
    assertThat(outside(mustNotRun(inbox, old), Reason.TOO_OLD).deadLetterId())
        .as("the same copy is the same letter")
        .isEqualTo(outcome.deadLetterId());
  }

  @Test
  void theBoundsAreWhereTheySayTheyAre() {
    Inbox inbox = inbox();
    Instant now = Instant.now();
    assertThat(handle(inbox, at("just inside", now.minus(WINDOW).plusSeconds(60))))
        .isInstanceOf(Outcome.Processed.class);
    assertThat(handle(inbox, at("nearly too far", now.plus(Duration.ofMinutes(59)))))
        .isInstanceOf(Outcome.Processed.class);
    outside(
        mustNotRun(inbox, at("too far", now.plus(Duration.ofMinutes(61)))), Reason.TOO_FAR_AHEAD);
    outside(
        mustNotRun(inbox, at("9999", Instant.parse("9999-12-31T23:59:59Z"))), Reason.TOO_FAR_AHEAD);
    outside(mustNotRun(inbox, at("year 1", Instant.parse("0001-01-01T00:00:00Z"))), Reason.TOO_OLD);
    outside(mustNotRun(inbox, at("1970", Instant.EPOCH)), Reason.TOO_OLD);
  }

  @Test
  void aMessageBeforeThePurgeHorizonIsPurgedAndOneAtItIsNot() {
    Inbox inbox = inbox();
    Instant horizon =
        Instant.now().minus(Duration.ofDays(2)).truncatedTo(java.time.temporal.ChronoUnit.SECONDS);
    purgedUpTo(horizon);
    outside(mustNotRun(inbox, at("before", horizon.minusNanos(1_000))), Reason.PURGED);
    assertThat(handle(inbox, at("at", horizon))).isInstanceOf(Outcome.Processed.class);
    assertThat(handle(inbox, at("after", horizon.plusSeconds(1))))
        .isInstanceOf(Outcome.Processed.class);
    assertThat(handle(inbox, message("without a time"))).isInstanceOf(Outcome.Processed.class);
    List<Outcome<Void>> batch =
        inbox.processBatch(
            List.of(
                at("before too", horizon.minusSeconds(1)), at("after too", horizon.plusSeconds(1))),
            (fresh, tx) -> books.note(tx.connection(), fresh.get(0).id()));
    outside(batch.get(0), Reason.PURGED);
    assertThat(batch.get(1)).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void aMessageThatWasHandledIsADuplicateWhereverItsTimeLies() {
    Inbox inbox = inbox();
    Instant time = Instant.now().minus(Duration.ofDays(1));
    handle(inbox, at("a", time));
    purgedUpTo(Instant.now());
    assertThat(mustNotRun(inbox, at("a", time))).isInstanceOf(Outcome.Duplicate.class);
    assertThat(mustNotRun(inbox, at("a", Instant.EPOCH))).isInstanceOf(Outcome.Duplicate.class);
    List<Outcome<Void>> batch =
        inbox.processBatch(List.of(at("a", Instant.EPOCH)), (fresh, tx) -> {});
    assertThat(batch.get(0)).isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void consumersHaveHorizonsOfTheirOwn() {
    Inbox inbox = inbox();
    Inbox other = open(consumer + "-other", pool, it -> it.window(WINDOW));
    purgedUpTo(Instant.now());
    Instant time = Instant.now().minus(Duration.ofDays(1));
    outside(mustNotRun(inbox, at("a", time)), Reason.PURGED);
    assertThat(handle(other, at("a", time))).isInstanceOf(Outcome.Processed.class);
  }

  /** A horizon read before the claim would let a purged message in while it is being moved. */
  @Test
  void theBoundIsCheckedWithTheClaimItself() throws Exception {
    Inbox inbox = open(it -> it.window(WINDOW).wait(Duration.ofSeconds(30)));
    Instant time = Instant.now().minus(Duration.ofDays(1));
    CountDownLatch claimed = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Future<Object> holder =
        threads.start(
            () -> {
              try (var connection = pool.getConnection()) {
                connection.setAutoCommit(false);
                inbox.claim(connection, at("a", time));
                claimed.countDown();
                Threads.await(go);
                connection.rollback();
                return claimed;
              }
            });
    Threads.await(claimed);
    Future<Outcome<Void>> waiting =
        threads.start(() -> inbox.process(at("a", time), tx -> books.note(tx.connection(), "a")));
    awaitWaiting(1);
    go.countDown();
    Threads.result(holder);
    assertThat(Threads.result(waiting)).isInstanceOf(Outcome.Processed.class);
    purgedUpTo(Instant.now());
    outside(mustNotRun(inbox, at("b", time)), Reason.PURGED);
    assertThat(rows("message")).isEqualTo(1);
  }

  @Test
  void aConsumersWindowIsWrittenDownForTheCollectorNeverShorterThanPromised() {
    open(it -> it.window(Duration.ofMillis(90_500)));
    assertThat(
            books.text(
                "SELECT \"dedupe_window_seconds\" FROM "
                    + table("consumer")
                    + " WHERE \"consumer\" = ?",
                consumer))
        .isEqualTo("91");
  }
}
