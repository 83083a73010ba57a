package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.GroupCommit;
import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.spi.DeliveryEvent;
import io.inbox.spi.InboxListener;
import io.inbox.spi.RetryEvent;
import io.inbox.spi.Transactions;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterEach;

/** What the tests of shared transactions have in common: a call that holds the only one. */
abstract class GroupCommitTesting extends Contract {
  static final Field<Long> BALANCE = DSL.field("balance", Long.class);
  static final Duration LONG = Duration.ofMinutes(1);
  static final GroupCommit ONE_AT_A_TIME = GroupCommit.ofDefaults().transactions(1).patience(LONG);

  final AtomicInteger transactions = new AtomicInteger();
  final Queue<DeliveryEvent> deliveries = new ConcurrentLinkedQueue<>();
  final Queue<RetryEvent> retries = new ConcurrentLinkedQueue<>();
  final CountDownLatch go = new CountDownLatch(1);
  Future<Outcome<Void>> first;

  @AfterEach
  final void letGo() {
    go.countDown();
  }

  final Inbox sharing(GroupCommit options) {
    Transactions own = database().transactions(pool);
    Transactions counted =
        new Transactions() {
          @Override
          public <T> T inTransaction(Work<T> work) throws Exception {
            transactions.incrementAndGet();
            return own.inTransaction(work);
          }
        };
    Inbox inbox =
        Inbox.builder(consumer, database().store(), counted)
            .allowReducedDurability()
            .wait(LONG)
            .groupCommit(options)
            .retry(RetryPolicy.builder().maxAttempts(3).build())
            .listener(
                new InboxListener() {
                  @Override
                  public void delivered(DeliveryEvent event) {
                    deliveries.add(event);
                  }

                  @Override
                  public void retried(RetryEvent event) {
                    retries.add(event);
                  }
                })
            .build();
    inboxes.add(inbox);
    transactions.set(0);
    return inbox;
  }

  /** Starts a call whose handler holds the only transaction there may be until {@code go}. */
  final void hold(Inbox inbox) throws InterruptedException {
    CountDownLatch held = new CountDownLatch(1);
    first =
        threads.start(
            () ->
                inbox.process(
                    message("first"),
                    tx -> {
                      held.countDown();
                      Threads.await(go);
                    }));
    Threads.await(held);
  }

  /** Starts a call and waits until its thread does. */
  final Future<Outcome<Void>> follow(Inbox inbox, Message message, Handler handler) {
    return follow(() -> inbox.process(message, handler));
  }

  final Future<Outcome<Void>> follow(Callable<Outcome<Void>> work) {
    AtomicReference<Thread> caller = new AtomicReference<>();
    Future<Outcome<Void>> call =
        threads.start(
            () -> {
              caller.set(Thread.currentThread());
              return work.call();
            });
    while (caller.get() == null || caller.get().getState() != Thread.State.TIMED_WAITING) {
      assertThat(call).as("waits in the queue").isNotDone();
      Thread.onSpinWait();
    }
    return call;
  }

  final Handler booking(Message message) {
    return tx -> books.apply(tx.connection(), message.id(), 1);
  }
}
