package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.Transaction;
import io.inbox.spi.DeliveryEvent;
import io.inbox.spi.InboxListener;
import io.inbox.spi.RetryEvent;
import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lost races: serialization failures and deadlocks run the whole unit of work again. */
class IsolationTest {
  private static final String SOMEBODY_WAITS =
      "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
          + " AND wait_event_type = 'Lock')";

  private static PaymentsDatabase database;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Queue<Reason> retries = new ConcurrentLinkedQueue<>();

  @BeforeAll
  static void createDatabase() throws SQLException {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
  }

  @BeforeEach
  void emptyTables() throws SQLException {
    database.execute(
        "TRUNCATE applied, account, inbox.message",
        "INSERT INTO account VALUES ('a', 0), ('b', 0)");
  }

  @AfterEach
  void stopThreads() {
    threads.shutdown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"read committed", "repeatable read", "serializable"})
  void twoDeliveriesOfOneMessageAtOnceHaveOneEffect(String isolation) throws Exception {
    Message message = PaymentsDatabase.message("raced");
    CountDownLatch inHandler = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (HikariDataSource pool = pool(isolation);
        Inbox inbox = inbox(pool)) {
      Future<Outcome<Void>> first =
          threads.submit(
              () ->
                  inbox.process(
                      message,
                      tx -> {
                        PaymentsDatabase.apply(tx, message);
                        inHandler.countDown();
                        goOn.await();
                      }));
      inHandler.await();
      Future<Outcome<Void>> second =
          threads.submit(() -> inbox.process(message, PaymentsDatabase.applying(message)));
      database.await(SOMEBODY_WAITS);
      goOn.countDown();

      assertThat(first.get()).isInstanceOf(Outcome.Processed.class);
      assertThat(second.get()).isInstanceOf(Outcome.Duplicate.class);
    }
    assertThat(database.applied("raced")).isOne();
    if (isolation.equals("read committed")) {
      assertThat(retries).isEmpty();
    } else {
      assertThat(retries).isNotEmpty().containsOnly(Reason.CONTENTION);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"repeatable read", "serializable"})
  void twoMessagesForOneAccountBothCount(String isolation) throws Exception {
    CyclicBarrier bothHaveASnapshot = new CyclicBarrier(2);
    AtomicInteger runs = new AtomicInteger();
    try (HikariDataSource pool = pool(isolation);
        Inbox inbox = inbox(pool)) {
      List<Future<Outcome<Void>>> outcomes =
          List.of("m1", "m2").stream()
              .map(
                  id ->
                      threads.submit(
                          () ->
                              inbox.process(
                                  PaymentsDatabase.message(id),
                                  tx -> {
                                    if (runs.incrementAndGet() <= 2) {
                                      bothHaveASnapshot.await();
                                    }
                                    add(tx, "a", 1);
                                  })))
              .toList();
      for (Future<Outcome<Void>> outcome : outcomes) {
        assertThat(outcome.get()).isInstanceOf(Outcome.Processed.class);
      }
    }
    assertThat(database.number("SELECT amount FROM account WHERE id = 'a'")).isEqualTo(2);
    assertThat(retries).isNotEmpty().containsOnly(Reason.CONTENTION);
    assertThat(runs).hasValueGreaterThanOrEqualTo(3);
  }

  @Test
  void batchesWhoseHandlersDeadlockBothSucceed() throws Exception {
    CyclicBarrier bothHoldOne = new CyclicBarrier(2);
    AtomicInteger runs = new AtomicInteger();
    try (HikariDataSource pool = pool("read committed");
        Inbox inbox = inbox(pool)) {
      List<Future<List<Outcome<Void>>>> outcomes =
          List.of("ab", "ba").stream()
              .map(
                  order ->
                      threads.submit(
                          () ->
                              inbox.processBatch(
                                  List.of(
                                      PaymentsDatabase.message(order + 1),
                                      PaymentsDatabase.message(order + 2)),
                                  (fresh, tx) -> {
                                    add(tx, order.substring(0, 1), fresh.size());
                                    if (runs.incrementAndGet() <= 2) {
                                      bothHoldOne.await();
                                    }
                                    add(tx, order.substring(1), fresh.size());
                                  })))
              .toList();
      for (Future<List<Outcome<Void>>> outcome : outcomes) {
        assertThat(outcome.get()).hasSize(2).allMatch(Outcome.Processed.class::isInstance);
      }
    }
    assertThat(database.rows("SELECT amount FROM account")).containsExactly("4", "4");
    // The victim may take its first row again before the other has woken up, and lose once more.
    assertThat(retries).isNotEmpty().containsOnly(Reason.CONTENTION);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRedeliveryWaitsForACollectorThatIsDeletingTheRow(boolean collectorCommits)
      throws Exception {
    Message message = PaymentsDatabase.message("collected");
    AtomicBoolean ranAgain = new AtomicBoolean();
    try (HikariDataSource pool = pool("read committed");
        Inbox inbox = inbox(pool);
        var collector = database.connect();
        Statement statement = collector.createStatement()) {
      inbox.process(message, PaymentsDatabase.applying(message));
      collector.setAutoCommit(false);
      assertThat(statement.executeUpdate("DELETE FROM inbox.message")).isOne();

      Future<Outcome<Void>> redelivery =
          threads.submit(() -> inbox.process(message, tx -> ranAgain.set(true)));
      database.await(SOMEBODY_WAITS);
      assertThat(ranAgain).isFalse();
      if (collectorCommits) {
        collector.commit();
      } else {
        collector.rollback();
      }

      assertThat(redelivery.get())
          .isInstanceOf(collectorCommits ? Outcome.Processed.class : Outcome.Duplicate.class);
      assertThat(ranAgain.get()).isEqualTo(collectorCommits);
    }
    assertThat(database.remembered("payments")).isOne();
  }

  private static void add(Transaction tx, String account, int amount) throws SQLException {
    try (Statement statement = tx.connection().createStatement()) {
      statement.executeUpdate(
          "UPDATE account SET amount = amount + " + amount + " WHERE id = '" + account + "'");
    }
  }

  private static HikariDataSource pool(String isolation) {
    return PaymentsDatabase.pool(
        database.url()
            + "&options=-c%20default_transaction_isolation="
            + isolation.replace(" ", "%5C%20")
            + "%20-c%20deadlock_timeout=20ms",
        4);
  }

  private Inbox inbox(HikariDataSource pool) {
    return PaymentsDatabase.inbox("payments", pool)
        .listener(
            new InboxListener() {
              @Override
              public void delivered(DeliveryEvent event) {}

              @Override
              public void retried(RetryEvent event) {
                retries.add(event.reason());
              }
            })
        .build();
  }
}
