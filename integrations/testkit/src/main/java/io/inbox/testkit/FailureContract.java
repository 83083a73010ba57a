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
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Attempts, backoff and giving up. */
abstract class FailureContract extends Contract {
  private static final Handler FAILING =
      tx -> {
        throw new IllegalStateException("the handler's own words");
      };

  @Test
  void attemptsAreCountedAndWaitsGrow() {
    Inbox inbox =
        open(
            it ->
                it.retry(
                    RetryPolicy.builder()
                        .initialBackoff(Duration.ofSeconds(10))
                        .maxBackoff(Duration.ofSeconds(30))
                        .jitter(0)
                        .build()));
    List<Duration> waits = new ArrayList<>();
    for (int attempt = 1; attempt <= 4; attempt++) {
      Outcome.Failed<?> failed = as(Outcome.Failed.class, inbox.process(message("a"), FAILING));
      assertThat(failed.attempt()).isEqualTo(attempt);
      assertThat(failed.reason()).isEqualTo(Reason.HANDLER_FAILED);
      assertThat(failed.cause()).hasMessage("the handler's own words");
      assertThat(failed.acknowledge()).isFalse();
      waits.add(failed.retryAfter());
    }
    assertThat(waits)
        .containsExactly(
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30));
    assertThat(rows("message")).isZero();
    assertThat(handle(inbox, message("a"))).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void afterTheLastAttemptTheMessageIsADeadLetterWithAllItBrought() {
    Inbox inbox = open(it -> it.retry(RetryPolicy.builder().maxAttempts(2).build()));
    Instant time =
        Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(60).plusNanos(678_901_000);
    Message message =
        Message.builder("a")
            .source("s")
            .time(time)
            .subject("order-1")
            .correlationId("c-1")
            .header("x", "1 & 2 = ü")
            .header("empty", "")
            .payload(bytes("{\"a\":1}"))
            .build();
    Inbox other = open(consumer + "-other", pool, it -> it);
    inbox.process(message, FAILING);
    Outcome.DeadLettered<?> outcome =
        as(Outcome.DeadLettered.class, inbox.process(message, FAILING));
    assertThat(outcome.acknowledge()).isTrue();
    assertThat(outcome.reason()).isEqualTo(Reason.ATTEMPTS_EXHAUSTED);
    assertThat(outcome.cause()).hasMessage("the handler's own words");
    List<DeadLetter> listed = inbox.deadLetters().list(DeadLetterQuery.first(10));
    assertThat(listed).hasSize(1);
    assertThat(listed.get(0).payload()).as("lists carry no payload").isEmpty();
    DeadLetter letter = inbox.deadLetters().show(listed.get(0).id()).orElseThrow();
    assertThat(letter.key()).contains(outcome.key());
    assertThat(letter.state()).isEqualTo(DeadLetter.State.OPEN);
    assertThat(letter.attempts()).isEqualTo(2);
    assertThat(letter.error().orElseThrow()).contains("the handler's own words");
    assertThat(letter.time()).contains(time);
    assertThat(letter.subject()).contains("order-1");
    assertThat(letter.correlationId()).contains("c-1");
    assertThat(letter.headers()).isEqualTo(Map.of("x", "1 & 2 = ü", "empty", ""));
    assertThat(letter.payload()).contains(bytes("{\"a\":1}"));
    Outcome.DeadLettered<?> again = as(Outcome.DeadLettered.class, mustNotRun(inbox, message));
    assertThat(again.reason()).isEqualTo(Reason.SAME_KEY);
    assertThat(inbox.deadLetters().list(DeadLetterQuery.first(10))).hasSize(1);
    assertThat(other.deadLetters().list(DeadLetterQuery.first(10))).isEmpty();
  }

  @Test
  void oneAttemptMeansNoSecondRun() {
    Inbox inbox = open(it -> it.retry(RetryPolicy.builder().maxAttempts(1).build()));
    assertThat(inbox.process(message("a"), FAILING)).isInstanceOf(Outcome.DeadLettered.class);
    assertThat(mustNotRun(inbox, message("a"))).isInstanceOf(Outcome.DeadLettered.class);
    assertThat(rows("attempt")).as("nothing is left to count").isZero();
  }

  /** A message that kills the process never ends an attempt, but the broker counts. */
  @Test
  void aMessageDeliveredTooOftenIsGivenUpWithoutRunning() {
    Inbox inbox =
        open(it -> it.retry(RetryPolicy.builder().maxAttempts(3).maxDeliveries(5).build()));
    Message fifth = Message.builder("a").deliveryCount(5).build();
    assertThat(inbox.process(fifth, FAILING)).isInstanceOf(Outcome.Failed.class);
    Message sixth = Message.builder("a").deliveryCount(6).build();
    assertThat(as(Outcome.DeadLettered.class, mustNotRun(inbox, sixth)).reason())
        .isEqualTo(Reason.DELIVERIES_EXHAUSTED);
    assertThat(inbox.deadLetters().list(DeadLetterQuery.first(5))).hasSize(1);
    Inbox unbounded =
        open(
            consumer + "-unbounded",
            pool,
            it -> it.retry(RetryPolicy.builder().maxDeliveries(0).build()));
    Message many = Message.builder("a").deliveryCount(1_000_000).build();
    assertThat(handle(unbounded, many)).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void aHandledMessageStaysADuplicateHoweverOftenTheBrokerCounts() {
    Inbox inbox = open();
    handle(inbox, message("a"));
    assertThat(mustNotRun(inbox, Message.builder("a").deliveryCount(5_000).build()))
        .isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void anErrorIsRolledBackCountedAndRethrown() {
    Inbox inbox = open(it -> it.retry(RetryPolicy.builder().maxAttempts(2).build()));
    Handler erring =
        tx -> {
          books.apply(tx.connection(), "a", 1);
          throw new StackOverflowError("on purpose");
        };
    assertThatThrownBy(() -> inbox.process(message("a"), erring))
        .isInstanceOf(StackOverflowError.class);
    assertThat(books.applied()).isEmpty();
    assertThat(rows("attempt")).isEqualTo(1);
    assertThatThrownBy(() -> inbox.process(message("a"), erring))
        .isInstanceOf(StackOverflowError.class);
    assertThat(mustNotRun(inbox, message("a"))).isInstanceOf(Outcome.DeadLettered.class);
  }

  /** A service that is being stopped must not use up the attempts of what it was handling. */
  @Test
  void anInterruptIsKeptAndNotCounted() {
    Inbox inbox = open();
    Outcome<Void> outcome =
        inbox.process(
            message("a"),
            tx -> {
              throw new InterruptedException("told to stop");
            });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(as(Outcome.Failed.class, outcome).attempt()).isZero();
    assertThat(rows("attempt")).isZero();
    assertThat(handle(inbox, message("a"))).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void anErrorTextOfAnyLengthAndContentIsStored() {
    Inbox inbox = open();
    String text = "\0 ' \ud800 💶".repeat(2_000);
    Outcome.Failed<?> failed =
        as(
            Outcome.Failed.class,
            inbox.process(
                message("a"),
                tx -> {
                  throw new IllegalStateException(text);
                }));
    assertThat(failed.attempt()).as("it was counted").isEqualTo(1);
    assertThat(failed.cause().getSuppressed()).isEmpty();
  }

  /** Telling errors apart by their English text fails on a server that speaks another language. */
  @Test
  void errorsAreToldApartByTheirStateAndNotByTheirText() {
    Inbox inbox = open();
    SQLException looksLikeADuplicate =
        new SQLException("duplicate key value violates unique constraint \"message_pkey\"");
    Outcome.Failed<?> failed =
        as(
            Outcome.Failed.class,
            inbox.process(
                message("a"),
                tx -> {
                  throw looksLikeADuplicate;
                }));
    assertThat(failed.cause()).isSameAs(looksLikeADuplicate);
    assertThat(failed.reason()).isEqualTo(Reason.HANDLER_FAILED);
    List<Integer> runs = new ArrayList<>();
    Outcome<Void> outcome =
        inbox.process(
            message("b"),
            tx -> {
              runs.add(1);
              books.apply(tx.connection(), "b", 1);
              if (runs.size() < 3) {
                throw new SQLException("Verklemmung", "40001");
              }
            });
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(runs).hasSize(3);
    assertThat(books.applied()).containsExactly("b");
  }

  @Test
  void lostRacesElsewhereThatDoNotEndAreCounted() {
    Inbox inbox = open();
    Outcome.Failed<?> failed =
        as(
            Outcome.Failed.class,
            inbox.process(
                message("a"),
                tx -> {
                  throw new IllegalStateException(new SQLException("deadlock", "40P01"));
                }));
    assertThat(failed.reason()).isEqualTo(Reason.HANDLER_FAILED);
    assertThat(failed.attempt()).isEqualTo(1);
  }

  @Test
  void twoFailuresAtOnceAreBothCounted() throws Exception {
    Inbox inbox =
        open(it -> it.retry(RetryPolicy.builder().maxAttempts(1_000).maxDeliveries(0).build()));
    List<Outcome<Void>> outcomes = threads.race(6, () -> inbox.process(message("a"), FAILING));
    assertThat(outcomes)
        .extracting(it -> as(Outcome.Failed.class, it).attempt())
        .containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
  }
}
