package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.GroupCommit;
import io.inbox.Message;
import io.inbox.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What calls that share a transaction make of errors that are none of theirs. */
class SharedFaultsTest extends FaultTesting {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Threads threads = new Threads();
  private final CountDownLatch go = new CountDownLatch(1);
  private Future<Outcome<Void>> first;

  SharedFaultsTest() {
    super(it -> it.groupCommit(GroupCommit.ofDefaults().transactions(1).patience(LONG)));
  }

  @AfterEach
  void end() throws Exception {
    go.countDown();
    assertThat(Threads.result(first)).isInstanceOf(Outcome.Processed.class);
    threads.close();
  }

  private Outcome<Void> deliver(String id) {
    return inbox.process(Message.of(id, new byte[0]), tx -> handled.incrementAndGet());
  }

  /** Starts a call that holds the only transaction there may be until {@code go}. */
  private void hold() throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    first =
        threads.start(
            () ->
                inbox.process(
                    Message.of("first", new byte[0]),
                    tx -> {
                      held.countDown();
                      Threads.await(go);
                    }));
    Threads.await(held);
  }

  private Future<Outcome<Void>> follow(String id) {
    AtomicReference<Thread> caller = new AtomicReference<>();
    Future<Outcome<Void>> call =
        threads.start(
            () -> {
              caller.set(Thread.currentThread());
              return deliver(id);
            });
    while (caller.get() == null || caller.get().getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return call;
  }

  /** A run that was rolled back has said that all is well: nobody may be told that. */
  @Test
  void whereNothingWasDecidedEachCallFindsOutByItself() throws Exception {
    hold();
    script(fault(At.COMMIT, "40001"), fault(At.STATEMENT, "22000"));
    List<Future<Outcome<Void>>> calls = List.of(follow("a"), follow("b"));
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(transactions).hasValue(1 + 2 + 2);
    assertThat(deliver("a")).isInstanceOf(Outcome.Duplicate.class);
    assertThat(deliver("b")).isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void whereOneHalfWasNotDecidedTheOtherFindsOutByItselfToo() throws Exception {
    hold();
    script(ROUNDS_OF_A_DELIVERY, fault(At.COMMIT, "40001"));
    script(fault(At.STATEMENT, "22000"));
    List<Future<Outcome<Void>>> calls = List.of(follow("a"), follow("b"));
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(deliver("a")).isInstanceOf(Outcome.Duplicate.class);
    assertThat(deliver("b")).isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void aSharedCommitInDoubtIsDecidedByClaimingOnceMore() throws Exception {
    hold();
    script(doubt(At.AFTER_COMMIT, "IBX-321"));
    List<Future<Outcome<Void>>> calls = List.of(follow("a"), follow("b"));
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Duplicate.class);
    }
    assertThat(handled).hasValue(2);
    assertThat(transactions).hasValue(1 + 2);
  }
}
