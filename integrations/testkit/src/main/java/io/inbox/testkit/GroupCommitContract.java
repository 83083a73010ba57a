package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.GroupCommit;
import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.SqlHandler;
import io.inbox.error.RetryLaterException;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.DeliveryEvent;
import io.inbox.spi.InboxListener;
import io.inbox.spi.RetryEvent;
import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Concurrent calls that share transactions. */
abstract class GroupCommitContract extends Contract {
  private static final Field<Long> BALANCE = DSL.field("balance", Long.class);
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final GroupCommit ONE_AT_A_TIME =
      GroupCommit.ofDefaults().transactions(1).patience(LONG);

  private final AtomicInteger transactions = new AtomicInteger();
  private final Queue<DeliveryEvent> deliveries = new ConcurrentLinkedQueue<>();
  private final Queue<RetryEvent> retries = new ConcurrentLinkedQueue<>();
  private final CountDownLatch go = new CountDownLatch(1);
  private Future<Outcome<Void>> first;

  @AfterEach
  final void letGo() {
    go.countDown();
  }

  private Inbox sharing(GroupCommit options) {
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
  private void hold(Inbox inbox) throws InterruptedException {
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
  private Future<Outcome<Void>> follow(Inbox inbox, Message message, Handler handler) {
    return follow(() -> inbox.process(message, handler));
  }

  private Future<Outcome<Void>> follow(Callable<Outcome<Void>> work) {
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

  private Handler booking(Message message) {
    return tx -> books.apply(tx.connection(), message.id(), 1);
  }

  @Test
  void callsThatComeMeanwhileShareOneTransaction() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Message message = message("m" + i);
      calls.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(Threads.result(first)).isInstanceOf(Outcome.Processed.class);
    assertThat(transactions).hasValue(2);
    assertThat(deliveries).filteredOn(it -> it.batchSize() == 20).hasSize(20);
    assertThat(books.applied()).hasSize(20).doesNotHaveDuplicates();
    assertThat(books.balance()).isEqualTo(20);
  }

  @Test
  void aTransactionTakesNoMoreThanItMay_andTheRestFollows() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME.messages(4));
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Message message = message("m" + i);
      calls.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(transactions).hasValue(1 + 3);
    assertThat(books.balance()).isEqualTo(10);
  }

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
              inbox,
              failing,
              tx -> {
                throw thrown;
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

  @Test
  void copiesOfOneMessageAreHandledOnce() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Message message = message("m" + i % 2);
      calls.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    List<Outcome<Void>> outcomes = new ArrayList<>();
    for (Future<Outcome<Void>> call : calls) {
      outcomes.add(Threads.result(call));
    }
    assertThat(kinds(outcomes))
        .containsExactly(
            "Processed", "Processed", "Duplicate", "Duplicate", "Duplicate", "Duplicate");
    assertThat(books.applied()).containsExactlyInAnyOrder("m0", "m1");
  }

  @Test
  void tenantsDoNotShare() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      Message message = Message.builder("m" + i).tenant("tenant-" + i % 3).build();
      calls.add(follow(inbox, message, booking(message)));
    }
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(transactions).hasValue(1 + 3);
    assertThat(deliveries).filteredOn(it -> it.batchSize() == 3).hasSize(9);
  }

  @Test
  void aCallThatIsNotTakenInTimeGoesAlone() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME.patience(Duration.ofMillis(20)));
    hold(inbox);
    Message message = message("hurried");
    assertThat(inbox.process(message, booking(message))).isInstanceOf(Outcome.Processed.class);
    assertThat(first).isNotDone();
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

  /** Handlers see their own message, whoever's thread they run on. */
  @Test
  void eachHandlerHasItsOwnTransactionToSee() throws Exception {
    Inbox inbox = sharing(ONE_AT_A_TIME);
    hold(inbox);
    List<Future<Outcome<Void>>> calls = new ArrayList<>();
    AtomicReference<Connection> kept = new AtomicReference<>();
    for (int i = 0; i < 3; i++) {
      Message message = Message.builder("m" + i).correlationId("c" + i).build();
      calls.add(
          follow(
              inbox,
              message,
              tx -> {
                if (kept.get() != null) {
                  assertThatThrownBy(() -> kept.get().createStatement())
                      .hasMessageContaining("IBX-310");
                }
                kept.set(tx.connection());
                tx.outbox().append(OutboxMessage.to("orders").key("k").build());
              }));
    }
    go.countDown();
    for (Future<Outcome<Void>> call : calls) {
      assertThat(Threads.result(call)).isInstanceOf(Outcome.Processed.class);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(
              books.text(
                  "SELECT COUNT(*) FROM "
                      + table("outbox")
                      + " WHERE \"causation_id\" = ? AND \"correlation_id\" = ?",
                  "m" + i,
                  "c" + i))
          .isEqualTo("1");
    }
  }

  /** Two transactions that lock rows in different orders deadlock; these have the same order. */
  @Test
  void handlersRunInTheOrderOfSubjects() throws Exception {
    Inbox inbox = sharing(GroupCommit.ofDefaults().patience(LONG));
    List<String> owners = IntStream.range(0, 10).mapToObj(i -> consumer + "-" + i).toList();
    for (String owner : owners) {
      books.run("INSERT INTO account (owner, balance) VALUES (?, 0)", owner);
    }
    AtomicInteger next = new AtomicInteger();
    List<List<Outcome<Void>>> outcomes =
        threads.race(
            16,
            () -> {
              List<Outcome<Void>> mine = new ArrayList<>();
              for (int i = 0; i < 25; i++) {
                String owner = owners.get(ThreadLocalRandom.current().nextInt(owners.size()));
                Message message =
                    Message.builder("m" + next.getAndIncrement()).subject(owner).build();
                mine.add(inbox.process(message, tx -> Books.add(tx.connection(), owner, 1)));
              }
              return mine;
            });
    assertThat(outcomes.stream().flatMap(List::stream)).hasSize(400);
    assertThat(outcomes.stream().flatMap(List::stream))
        .allMatch(Outcome.Processed.class::isInstance);
    assertThat(owners.stream().mapToLong(books::balance).sum()).isEqualTo(400);
    assertThat(retries).as("deadlocks").isEmpty();
  }

  @Test
  void anOptionOutOfRangeIsRefused() {
    GroupCommit options = GroupCommit.ofDefaults();
    assertThatThrownBy(() -> options.transactions(0)).hasMessageStartingWith("IBX-211");
    assertThatThrownBy(() -> options.messages(1)).hasMessageStartingWith("IBX-211");
    assertThatThrownBy(() -> options.patience(Duration.ofMillis(-1)))
        .hasMessageStartingWith("IBX-211");
  }
}
