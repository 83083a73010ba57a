package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.SqlHandler;
import io.inbox.error.RetryLaterException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.Test;

/** What goes wrong with one of the calls that share a transaction. */
abstract class GroupCommitFailureContract extends GroupCommitTesting {
  /** One failing message, or one that swallows an error, must not take the others with it. */
  @Test
  void whatFailsFailsAlone() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> good = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Message message = message("m" + i);
      good.add(follow(inbox, message, booking(message)));
    }
    Future<Outcome<Void>> throwing =
        follow(
            inbox,
            message("throws"),
            tx -> {
              books.apply(tx.connection(), "throws", 1);
              throw new IllegalStateException("on purpose");
            });
    Future<Outcome<Void>> swallowing =
        follow(
            inbox,
            message("swallows"),
            tx -> {
              books.note(tx.connection(), "swallows");
              assertThatThrownBy(() -> books.fail(tx.connection())).isNotNull();
            });
    Future<Outcome<Void>> error =
        follow(
            inbox,
            message("error"),
            tx -> {
              throw new AssertionError("beyond an exception");
            });
    go.countDown();

    for (Future<Outcome<Void>> call : good) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    Outcome.Failed<?> failed = as(Outcome.Failed.class, Threads.result(throwing));
    assertThat(failed.attempt()).isEqualTo(1);
    assertThat(failed.cause()).hasMessage("on purpose");
    assertThat(as(Outcome.Failed.class, Threads.result(swallowing)).attempt()).isEqualTo(1);
    assertThatThrownBy(() -> Threads.result(error))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(AssertionError.class)
        .hasRootCauseMessage("beyond an exception");
    assertThat(rows("attempt")).isEqualTo(3);
    assertThat(books.applied()).hasSize(5).doesNotHaveDuplicates();
    assertThat(books.balance()).isEqualTo(5);
    assertThat(handle(inbox, message("throws"))).isInstanceOf(Outcome.Processed.class);
  }

  /** What one handler meets is not what the others would meet, whatever it is. */
  @Test
  void whatIsNobodysFaultIsNotTheOthersEither() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> good = new ArrayList<>();
    List<Future<Outcome<Void>>> bad = new ArrayList<>();
    for (Exception thrown :
        List.of(
            new RetryLaterException("IBX-323", "another key is held"),
            new SQLException("too many files", "53400"),
            new InterruptedException("a task of the handler's"))) {
      Message failing = message("fails " + thrown.getClass().getSimpleName());
      bad.add(
          follow(
              () -> {
                Outcome<Void> outcome =
                    inbox.process(
                        failing,
                        tx -> {
                          throw thrown;
                        });
                assertThat(Thread.interrupted())
                    .as("the interrupt is kept")
                    .isEqualTo(thrown instanceof InterruptedException);
                return outcome;
              }));
      Message message = message("m" + good.size());
      good.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    for (Future<Outcome<Void>> call : good) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    for (Future<Outcome<Void>> call : bad) {
      assertThat(Threads.result(call).acknowledge()).isFalse();
    }
    assertThat(books.balance()).isEqualTo(3);
  }

  /** The one whose thread it was gets it; the others find out by themselves. */
  @Test
  void anErrorOfTheMachineIsNotTheOthersEither() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    Future<Outcome<Void>> broken =
        follow(
            inbox,
            message("broken"),
            tx -> {
              throw new InternalError("on purpose");
            });
    List<Future<Outcome<Void>>> good = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Message message = message("m" + i);
      good.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    assertThatThrownBy(() -> Threads.result(broken))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(InternalError.class);
    for (Future<Outcome<Void>> call : good) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(books.balance()).isEqualTo(3);
  }

  /** Handlers run on the thread of another call, which may be told to stop meanwhile. */
  @Test
  void anInterruptOfTheThreadThatLeadsIsNotTheOthersEither() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    Future<Outcome<Void>> leader = follow(inbox, message("leads"), tx -> {});
    Message message = message("led");
    AtomicReference<Thread> told = new AtomicReference<>();
    Future<Outcome<Void>> led =
        follow(
            inbox,
            message,
            tx -> {
              if (told.compareAndSet(null, Thread.currentThread())) {
                Thread.currentThread().interrupt();
                throw new InterruptedException("told to stop");
              }
              books.apply(tx.connection(), message.id(), 1);
            });
    go.countDown();
    assertThat(Threads.result(led)).isInstanceOf(Outcome.Processed.class);
    assertThat(leader).succeedsWithin(LONG);
    assertThat(books.applied()).containsExactly("led");
    assertThat(rows("attempt")).isZero();
  }

  /** Messages that run one query are a batch of it; what fails in it fails alone. */
  @Test
  void queriesAreRunAsOneBatch() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    SqlHandler adding =
        inbox.sql(
            DSL.update(DSL.table("account"))
                .set(BALANCE, BALANCE.plus(DSL.param("amount", Long.class)))
                .where(DSL.field("owner", String.class).eq(books.owner())));
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Message message = message("m" + i);
      long amount = i == 7 ? 2_000_000 : 1; // beyond what the table's constraint allows
      calls.add(follow(() -> adding.process(message, Map.of("amount", amount))));
    }
    Message other = message("other");
    calls.add(follow(inbox, other, booking(other)));
    go.countDown();
    for (int i = 0; i < calls.size(); i++) {
      assertThat(Threads.result(calls.get(i)))
          .isInstanceOf(i == 7 ? Outcome.Failed.class : Outcome.Processed.class);
    }
    assertThat(books.balance()).isEqualTo(12);
    assertThat(rows("attempt")).isOne();
  }

  /** It leaves the queue, keeps its interrupt, and nobody waits for it. */
  @Test
  void aCallThatIsInterruptedWhileItWaitsLeaves() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    AtomicReference<Thread> caller = new AtomicReference<>();
    Message message = message("interrupted");
    Future<Boolean> interrupted =
        threads.start(
            () -> {
              caller.set(Thread.currentThread());
              Outcome<Void> outcome = inbox.process(message, booking(message));
              return Thread.interrupted() && !outcome.acknowledge() == books.applied().isEmpty();
            });
    while (caller.get() == null || caller.get().getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    caller.get().interrupt();
    assertThat(Threads.result(interrupted)).isTrue();
    assertThat(first).isNotDone();
    go.countDown();
    assertThat(Threads.result(first)).isInstanceOf(Outcome.Processed.class);
    assertThat(handle(inbox, message).acknowledge()).isTrue();
    assertThat(books.applied()).containsExactly("interrupted");
  }
}
