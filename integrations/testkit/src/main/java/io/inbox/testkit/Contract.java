package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Claim;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.spi.Transactions;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * What every group of the contract stands on: a consumer and books of its own for each test, and
 * the check that no connection was kept.
 */
@Timeout(120)
abstract class Contract {
  private static final AtomicInteger TESTS = new AtomicInteger();

  final List<Inbox> inboxes = new ArrayList<>();
  final Threads threads = new Threads();
  HikariDataSource pool;
  String consumer;
  Books books;

  abstract TestDatabase database();

  @BeforeEach
  final void prepare() {
    pool = database().pool();
    consumer = "test-" + TESTS.incrementAndGet();
    books = new Books(pool, consumer);
  }

  @AfterEach
  final void nothingIsLeftBehind() {
    threads.close();
    inboxes.forEach(Inbox::close);
    assertThat(pool.getHikariPoolMXBean().getActiveConnections())
        .as("connections not given back")
        .isZero();
  }

  final Inbox open() {
    return open(it -> it);
  }

  final Inbox open(UnaryOperator<Inbox.Builder> options) {
    return open(consumer, pool, options);
  }

  final Inbox open(String name, DataSource connections, UnaryOperator<Inbox.Builder> options) {
    Inbox inbox =
        options
            .apply(
                database()
                    .options(
                        Inbox.builder(
                            name, database().store(), database().transactions(connections)))
                    .allowReducedDurability())
            .build();
    inboxes.add(inbox);
    return inbox;
  }

  /** Opens an inbox on transactions of the test's. */
  final Inbox open(String name, Transactions transactions) {
    Inbox inbox =
        database()
            .options(Inbox.builder(name, database().store(), transactions))
            .allowReducedDurability()
            .build();
    inboxes.add(inbox);
    return inbox;
  }

  static Message message(String id) {
    return Message.of(id, bytes("payload of " + id));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Handles a message by one row and one unit on the account. */
  final Outcome<Void> handle(Inbox inbox, Message message) {
    return inbox.process(message, tx -> books.apply(tx.connection(), message.id(), 1));
  }

  /** Hands a message to an inbox whose handler must not run. */
  static Outcome<Void> mustNotRun(Inbox inbox, Message message) {
    return inbox.process(
        message,
        tx -> {
          throw new AssertionError("the handler ran");
        });
  }

  /** Claims a message in a transaction of the test's that is committed. */
  final Claim claim(Inbox inbox, Message message) throws Exception {
    return committed(connection -> inbox.claim(connection, message));
  }

  /** Runs work in a transaction that is committed, as a caller would who owns it. */
  final <T> T committed(InTransaction<T> work) throws Exception {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.run(connection);
        connection.commit();
        return result;
      } catch (Throwable e) {
        connection.rollback();
        throw e;
      }
    }
  }

  /** Waits until so many sessions wait for a lock: then the race under test is on. */
  final void awaitWaiting(int sessions) throws SQLException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    try (Connection connection = pool.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(database().waitingSessionsQuery())) {
      while (System.nanoTime() < end) {
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          if (row.getInt(1) >= sessions) {
            return;
          }
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
    throw new AssertionError("no session waits for a lock");
  }

  final long rows(String table) {
    // A shadow holds the place of a key whose consumer moves into buckets.
    String real = table.equals("message") ? " AND \"state\" <> 2" : "";
    return Long.parseLong(
        books.text(
            "SELECT COUNT(*) FROM " + table(table) + " WHERE \"consumer\" = ?" + real, consumer));
  }

  final String table(String name) {
    return database().store().tables().quoted(name);
  }

  /** Returns the outcomes' names, which read better than their classes. */
  static List<String> kinds(List<? extends Outcome<?>> outcomes) {
    return outcomes.stream().map(it -> it.getClass().getSimpleName()).toList();
  }

  static <T> T as(Class<T> type, @Nullable Object value) {
    assertThat(value).isInstanceOf(type);
    return type.cast(value);
  }

  /** What runs in a transaction. */
  @FunctionalInterface
  interface InTransaction<T> {
    T run(Connection connection) throws Exception;
  }
}
