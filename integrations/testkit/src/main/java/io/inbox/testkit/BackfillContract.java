package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Backfill.Handled;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.error.InvalidMessageException;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Keys an application recorded before it used Inbox. */
abstract class BackfillContract extends Contract {
  private static final Instant BEFORE = Instant.parse("2026-01-02T03:04:05.678901Z");

  @Test
  void whatWasHandledBeforeIsADuplicate() {
    Inbox inbox = open();
    List<Handled> old =
        List.of(
            Handled.of("a", BEFORE),
            new Handled("", "shop", "1", BEFORE),
            new Handled("t", "shop", "1", BEFORE));
    assertThat(inbox.backfill().record(old.iterator())).isEqualTo(3);
    Outcome.Duplicate<?> duplicate = as(Outcome.Duplicate.class, mustNotRun(inbox, message("a")));
    assertThat(duplicate.handledAt()).isEqualTo(BEFORE);
    assertThat(mustNotRun(inbox, Message.builder("1").source("shop").build()))
        .isInstanceOf(Outcome.Duplicate.class);
    assertThat(mustNotRun(inbox, Message.builder("1").source("shop").tenant("t").build()))
        .isInstanceOf(Outcome.Duplicate.class);
    assertThat(handle(inbox, message("1"))).isInstanceOf(Outcome.Processed.class);
  }

  @Test
  void runningItAgainAddsNothingAndChangesNothing() {
    Inbox inbox = open();
    handle(inbox, message("m5"));
    List<Handled> old =
        IntStream.range(0, 2_500).mapToObj(i -> Handled.of("m" + i, BEFORE)).toList();
    assertThat(inbox.backfill().record(old.iterator())).isEqualTo(2_499);
    assertThat(inbox.backfill().record(old.iterator())).isZero();
    assertThat(as(Outcome.Duplicate.class, mustNotRun(inbox, message("m5"))).handledAt())
        .as("a known key stays as it is")
        .isAfter(BEFORE);
    assertThat(rows("message")).isEqualTo(2_500);
  }

  @Test
  void aRowThatCannotBeAKeyIsNamed() {
    Inbox inbox = open();
    List<Handled> old =
        List.of(Handled.of("a", BEFORE), Handled.of("b", BEFORE), Handled.of(" c", BEFORE));
    assertThatThrownBy(() -> inbox.backfill().record(old.iterator()))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("row 3")
        .hasMessageContaining("IBX-104");
  }

  @Test
  void itMayRunWhileMessagesAreHandled() throws Exception {
    Inbox inbox = open();
    List<Handled> old = IntStream.range(0, 300).mapToObj(i -> Handled.of("m" + i, BEFORE)).toList();
    java.util.concurrent.atomic.AtomicInteger turn =
        new java.util.concurrent.atomic.AtomicInteger();
    threads.race(
        3,
        () -> {
          if (turn.getAndIncrement() == 0) {
            return inbox.backfill().record(old.iterator());
          }
          for (int i = 299; i >= 0; i--) {
            Message message = message("m" + i);
            inbox.process(message, tx -> books.note(tx.connection(), message.id()));
          }
          return 0L;
        });
    assertThat(books.applied()).doesNotHaveDuplicates();
    assertThat(rows("message")).isEqualTo(300);
  }
}
