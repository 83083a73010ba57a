package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.outbox.WhenExhausted;
import io.inbox.spi.RelayListener;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** A relay survives publishers, listeners and people who do wrong. */
abstract class RelayFaultsContract extends OutboxTesting {

  /** What happens instead of publishing. */
  @FunctionalInterface
  private interface Fault {
    List<PublishResult> instead(List<OutboxMessage> batch) throws Exception;
  }

  /** A publisher that does wrong so many times, then keeps the contract. */
  private static final class Faulty implements Publisher {
    private final InMemoryPublisher sound = new InMemoryPublisher();
    private final AtomicInteger left;
    private final Fault fault;

    Faulty(int times, Fault fault) {
      this.left = new AtomicInteger(times);
      this.fault = fault;
    }

    @Override
    public List<PublishResult> publish(List<OutboxMessage> batch) throws Exception {
      return left.getAndDecrement() > 0 ? fault.instead(batch) : sound.publish(batch);
    }

    @Override
    public void close() {
      sound.close();
    }
  }

  private void survives(Fault fault) throws Exception {
    Faulty publisher = new Faulty(3, fault);
    append(
        outbox(),
        message("orders", "7", "one"),
        message("orders", "7", "two"),
        message("orders", "8", "three"));

    try (Relay relay = relay(publisher, it -> it.retry(QUICK).pollEvery(Duration.ofMillis(20)))) {
      assertThat(publisher.sound.await(3, SOON)).as("%s goes on", relay).isTrue();
      eventuallyEmpty();
    }
    assertThat(payloads(publisher.sound)).containsSubsequence("one", "two").contains("three");
    assertThat(count("outbox_dead_letter")).isZero();
  }

  @Test
  void anErrorOfThePublisherEndsNoWorker() throws Exception {
    survives(
        batch -> {
          throw new AssertionError("scripted");
        });
    survives(
        batch -> {
          throw new OutOfMemoryError("scripted");
        });
    survives(
        batch -> {
          throw new NoClassDefFoundError("scripted");
        });
  }

  @Test
  void anInterruptOfThePublisherEndsNoWorker() throws Exception {
    survives(
        batch -> {
          throw new InterruptedException("scripted");
        });
    survives(
        batch -> {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("scripted");
        });
  }

  /** Returns the pool, and writes down which threads were interrupted when they used it. */
  private DataSource watched(List<String> interrupted) {
    return proxy(
        DataSource.class,
        (unused, method, arguments) -> {
          if (Thread.currentThread().isInterrupted()) {
            interrupted.add(Thread.currentThread().getName());
          }
          return method.invoke(pool, arguments);
        });
  }

  /** Stands in for the calls of a connection. */
  @FunctionalInterface
  private interface Calls {
    Object call(Connection connection, Method method, Object[] arguments) throws Throwable;
  }

  /** Returns the pool, with connections some of whose calls do something else. */
  private DataSource connections(Calls calls) {
    return proxy(
        DataSource.class,
        (unused, method, arguments) -> {
          Object answer = method.invoke(pool, arguments);
          return answer instanceof Connection connection
              ? proxy(Connection.class, (own, call, with) -> calls.call(connection, call, with))
              : answer;
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler calls) {
    InvocationHandler unwrapping =
        (proxy, method, arguments) -> {
          try {
            return calls.invoke(proxy, method, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return type.cast(
        Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, unwrapping));
  }

  private String slotsOfNobody() {
    return books.text("SELECT COUNT(*) FROM " + table("outbox_slot") + " WHERE \"owner\" IS NULL");
  }

  @Test
  void noInterruptOfAListenerReachesTheDatabaseOrEndsAThread() throws Exception {
    List<String> interrupted = new CopyOnWriteArrayList<>();
    InMemoryPublisher publisher = new InMemoryPublisher();
    RelayListener interrupts =
        new RelayListener() {
          @Override
          public void published(int messages, Duration oldest) {
            Thread.currentThread().interrupt();
          }

          @Override
          public void slots(Set<Integer> owned) {
            Thread.currentThread().interrupt();
          }
        };
    Relay.Builder builder =
        Relay.builder(database().store(), watched(interrupted), publisher)
            .listener(interrupts)
            .lease(LEASE);
    try (Relay relay = builder.start()) {
      eventually("it owns all", () -> relay.slots().size() == 16);
      append(outbox(), message("orders", "7", "one"));
      assertThat(publisher.await(1, SOON)).isTrue();
      books.run(
          "UPDATE "
              + table("outbox_slot")
              + " SET \"owner\" = 'another', \"epoch\" = \"epoch\" + 1,"
              + " \"lease_until\" = CURRENT_TIMESTAMP + INTERVAL '1' HOUR");
      eventually("it has lost all", () -> relay.slots().isEmpty());
      books.run("UPDATE " + table("outbox_slot") + " SET \"lease_until\" = CURRENT_TIMESTAMP");
      eventually("it owns all again", () -> relay.slots().size() == 16);
      append(outbox(), message("orders", "7", "two"));
      assertThat(publisher.await(2, SOON)).isTrue();
      eventuallyEmpty();
    }
    assertThat(interrupted).isEmpty();
  }

  /** The row says that it is ours, so nobody else takes it, and we renew it for ever. */
  @Test
  void aTakeWhoseCommitIsInDoubtLeavesNoSlotUnread() throws Exception {
    AtomicInteger commits = new AtomicInteger();
    DataSource doubtful =
        connections(
            (connection, method, arguments) -> {
              Object answer = method.invoke(connection, arguments);
              // Of the thread that keeps the slots: its first transaction looks, its second takes.
              if (method.getName().equals("commit")
                  && Thread.currentThread().getName().endsWith("-keep")
                  && commits.incrementAndGet() == 2) {
                throw new SQLException("scripted: the answer is lost", "08006");
              }
              return answer;
            });
    InMemoryPublisher publisher = new InMemoryPublisher();
    append(outbox(), message("orders", "7", "one"));
    try (Relay relay =
        Relay.builder(database().store(), doubtful, publisher).lease(LEASE).start()) {
      assertThat(publisher.await(1, SOON)).as("%s reads its slots", relay.slots()).isTrue();
      eventually("it uses all", () -> relay.slots().size() == 16);
    }
    assertThat(slotsOfNobody()).isEqualTo("16");
  }

  /** Whoever closes a relay closes the pool next. */
  @Test
  void aCloserThatIsInterruptedWaitsForTheSlotsAllTheSame() throws Exception {
    Relay relay = relay(new InMemoryPublisher());
    eventually("it owns all", () -> relay.slots().size() == 16);
    Thread.currentThread().interrupt();
    try {
      relay.close();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(slotsOfNobody()).isEqualTo("16");
  }

  @Test
  void aListenerMayWaitForWhoeverCloses() throws Exception {
    CountDownLatch closed = new CountDownLatch(1);
    RelayListener waits =
        new RelayListener() {
          @Override
          public void slots(Set<Integer> owned) {
            try {
              if (owned.isEmpty()) {
                Threads.await(closed);
              }
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    Relay relay =
        relay(new InMemoryPublisher(), it -> it.listener(waits).closeWait(Duration.ofMinutes(1)));
    eventually("it owns all", () -> relay.slots().size() == 16);
    long start = System.nanoTime();

    relay.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    closed.countDown();
    assertThat(slotsOfNobody()).isEqualTo("16");
  }

  @Test
  void aPublisherMayCloseItsRelay() throws Exception {
    CompletableFuture<Relay> itself = new CompletableFuture<>();
    Publisher closes =
        new Faulty(
            1,
            batch -> {
              itself.get().close();
              return batch.stream().map(unused -> PublishResult.sent()).toList();
            });
    append(outbox(), message("orders", "7", "one"));
    long start = System.nanoTime();
    itself.complete(relay(closes, it -> it.closeWait(Duration.ofMinutes(1))));

    eventually("it is deleted", () -> count("outbox") == 0);
    eventually("all is given back", () -> slotsOfNobody().equals("16"));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }

  /** H2 would close its file for everybody. */
  @Test
  void noInterruptOfThePublisherReachesTheDatabase() throws Exception {
    List<String> interrupted = new CopyOnWriteArrayList<>();
    CountDownLatch stuck = new CountDownLatch(1);
    List<Fault> faults =
        List.of(
            batch -> {
              Thread.currentThread().interrupt();
              return batch.stream().map(unused -> PublishResult.sent()).toList();
            },
            batch -> {
              throw new InterruptedException("scripted");
            },
            batch -> {
              stuck.countDown();
              new CountDownLatch(1).await();
              return List.of();
            });
    AtomicInteger calls = new AtomicInteger();
    append(outbox(), message("orders", "7", "one"), message("orders", "8", "two"));
    Relay relay =
        Relay.builder(
                database().store(),
                watched(interrupted),
                new Faulty(3, batch -> faults.get(calls.getAndIncrement()).instead(batch)))
            .batch(1)
            .circuitMaxOpen(Duration.ofMillis(50))
            .closeWait(Duration.ofMillis(50))
            .start();
    try (relay) {
      Threads.await(stuck);
    }

    assertThat(interrupted).isEmpty();
    assertThat(count("outbox")).isEqualTo(1);
  }

  @Test
  void answersThatAreNoneCountAsTrouble() throws Exception {
    survives(batch -> null);
    survives(batch -> List.of());
    survives(
        batch -> {
          List<PublishResult> results = new ArrayList<>();
          batch.forEach(unused -> results.add(null));
          return results;
        });
  }

  @Test
  void anErrorWhoseTextCannotBeReadIsTroubleToo() throws Exception {
    survives(
        batch -> {
          throw new IllegalStateException("scripted") {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
              throw new IllegalStateException("scripted, too");
            }
          };
        });
  }

  @Test
  void anyListMayHoldTheAnswers() throws Exception {
    InMemoryPublisher kept = new InMemoryPublisher();
    append(outbox(), message("orders", "7", "one"), message("orders", "7", "two"));
    relay(new Faulty(Integer.MAX_VALUE, batch -> List.copyOf(kept.publish(batch))));
    assertThat(kept.await(2, SOON)).isTrue();
    eventuallyEmpty();
    assertThat(payloads(kept)).containsExactly("one", "two");
  }

  @Test
  void anyTextMaySayWhyAMessageFailed() throws Exception {
    for (String error : new String[] {"a\0b", "\ud800", "x".repeat(1_000_000), "", null}) {
      ScriptedPublisher publisher = new ScriptedPublisher();
      publisher.because(error);
      publisher.fail("bad", 2);
      publisher.reject("worse");
      Outbox outbox = outbox();
      append(outbox, message("orders", "7", "bad"), message("orders", "8", "worse"));
      append(outbox, message("orders", "8", "good"));
      try (Relay relay = relay(publisher, it -> it.retry(QUICK))) {
        publisher.await("bad");
        publisher.await("good");
        eventuallyEmpty();
        assertThat(relay.slots()).isNotEmpty();
      }
    }
    assertThat(count("outbox_dead_letter")).isEqualTo(5);
  }

  @Test
  void aListenerThatThrowsChangesNothing() throws Exception {
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.fail("bad", 1);
    append(outbox(), message("orders", "7", "bad"), message("orders", "8", "good"));
    relay(publisher, it -> it.retry(QUICK).listener(new Throwing()));
    publisher.await("bad");
    append(outbox(), message("orders", "9", "later"));
    publisher.await("later");
    eventuallyEmpty();
  }

  /** Throws whatever it is told. */
  private static final class Throwing implements RelayListener {
    @Override
    public void published(int messages, Duration oldest) {
      throw new AssertionError("scripted");
    }

    @Override
    public void failed(OutboxMessage message, PublishResult result, int attempts) {
      throw new StackOverflowError("scripted");
    }

    @Override
    public void slots(Set<Integer> owned) {
      throw new NoClassDefFoundError("scripted");
    }
  }

  @Test
  void aPublisherThatTakesLongerThanTheLeaseLosesNoSlot() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    ScriptedPublisher slow = new ScriptedPublisher();
    slow.before(() -> Threads.await(go));
    Outbox outbox = outbox();
    Relay relay = relay(slow);
    eventually("it owns all", () -> relay.slots().size() == 16);
    append(outbox, message("orders", "7", "one"));
    awaitRenewals(5); // three times in each lease
    String epochs = "SELECT SUM(\"epoch\") FROM " + table("outbox_slot");
    String before = books.text(epochs);
    InMemoryPublisher other = new InMemoryPublisher();
    Relay second = relay(other);
    eventually("another is there", () -> count("outbox_relay") == 2);
    awaitRenewals(3); // it knows for a while what it is to give back, and cannot yet
    go.countDown();
    slow.await("one");
    eventuallyEmpty();
    eventually("each owns half", () -> relay.slots().size() == 8 && second.slots().size() == 8);
    assertThat(slow.sent()).containsExactly("one");
    assertThat(other.published()).isEmpty();
    assertThat(Long.parseLong(books.text(epochs)))
        .as("only what the other got has changed hands")
        .isEqualTo(Long.parseLong(before) + 8);
  }

  private void awaitRenewals(int times) throws Exception {
    String leases = "SELECT CAST(MIN(\"lease_until\") AS VARCHAR) FROM " + table("outbox_slot");
    for (int i = 0; i < times; i++) {
      String before = books.text(leases);
      eventually("it is renewed", () -> !books.text(leases).equals(before));
    }
  }

  /** As by a relay whose machine was lost in the middle of a transaction. */
  @Test
  void aSlotThatSomebodyKeepsLockedHoldsUpNoOther() throws Exception {
    Outbox outbox = outbox();
    for (int i = 0; i < 64; i++) {
      append(outbox, message("orders", "key " + i, "m" + i));
    }
    String others = "SELECT COUNT(*) FROM " + table("outbox") + " WHERE \"slot\" <> 0";
    try (Connection lost = pool.getConnection();
        Statement statement = lost.createStatement()) {
      lost.setAutoCommit(false);
      statement.executeQuery(
          "SELECT \"slot\" FROM " + table("outbox_slot") + " WHERE \"slot\" = 0 FOR UPDATE");
      Relay relay = relay(new InMemoryPublisher());

      eventually("it owns the others", () -> relay.slots().size() == 15);
      eventually("it publishes them", () -> books.text(others).equals("0"));
      long end = System.nanoTime() + 2 * LEASE.toNanos();
      while (System.nanoTime() < end) { // it keeps them, too
        assertThat(relay.slots()).hasSize(15).doesNotContain(0);
        append(outbox, message("orders", "key 1", "more"));
        eventually("that is published", () -> books.text(others).equals("0"));
      }
      lost.rollback();
      eventually("it owns all", () -> relay.slots().size() == 16);
    }
    eventuallyEmpty();
  }

  /** As by a relay that saw the lease end while this one stood still. */
  @Test
  void aSlotThatAnotherHasTakenIsForgottenUntilThatOnesLeaseIsOver() throws Exception {
    InMemoryPublisher publisher = new InMemoryPublisher();
    Outbox outbox = outbox();
    Relay relay = relay(publisher);
    eventually("it owns all", () -> relay.slots().size() == 16);
    String third = "UPDATE " + table("outbox_slot") + " SET %s WHERE \"slot\" = 3";

    books.run(
        third.formatted(
            "\"owner\" = 'other', \"epoch\" = \"epoch\" + 1, \"lease_until\" = \"lease_until\" + INTERVAL '1' DAY"));
    eventually("it has noticed", () -> relay.slots().size() == 15);
    assertThat(relay.slots()).doesNotContain(3);
    awaitRenewals(3);
    assertThat(relay.slots()).hasSize(15);

    books.run(third.formatted("\"lease_until\" = \"lease_until\" - INTERVAL '2' DAY"));
    eventually("it owns all again", () -> relay.slots().size() == 16);
    for (int i = 0; i < 64; i++) {
      append(outbox, message("orders", "key " + i, "m" + i));
    }
    eventuallyEmpty();
  }

  @Test
  void aKeyWhoseWaitingMessagesWereDeletedByHandGoesOn() throws Exception {
    ScriptedPublisher publisher = new ScriptedPublisher();
    publisher.fail("bad", Integer.MAX_VALUE);
    Outbox outbox = outbox();
    append(outbox, message("orders", "7", "bad"));
    relay(publisher, it -> it.retry(QUICK).whenExhausted(WhenExhausted.KEEP_BLOCKING));
    eventually("the key waits", () -> count("outbox_parked") == 1);

    eventually("it was deleted", () -> books.run("DELETE FROM " + table("outbox_parked")) == 1);

    eventually("the key waits no more", () -> count("outbox_blocked") == 0);
    append(outbox, message("orders", "7", "good"));
    publisher.await("good");
  }
}
