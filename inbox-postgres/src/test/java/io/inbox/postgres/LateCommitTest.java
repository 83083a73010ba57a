package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Transactions that have appended and commit long after thousands of later messages were published
 * and deleted: the relay's bound must not have passed their rows, however they end.
 */
@Tag("long")
@Timeout(300)
class LateCommitTest {
  private static final int KEYS = 64;
  private static final int FLOW = 600;

  private final Arrived arrived = new Arrived();
  private PostgresServer server;
  private PaymentsDatabase database;
  private HikariDataSource pool;
  private Outbox outbox;

  private void open(int version) throws SQLException {
    server = PostgresServer.start(version, Map.of("max_prepared_transactions", "20"));
    database = PaymentsDatabase.on(server);
    pool = database.pool(16);
    outbox = Outbox.open(PostgresStore.create(), pool);
  }

  @AfterEach
  void close() {
    outbox.close();
    pool.close();
    server.close();
  }

  /** Small batches, so that the bound moves often. */
  private Relay relay() {
    return Relay.builder(PostgresStore.create(), pool, arrived)
        .batch(8)
        .threads(3)
        .pollEvery(Duration.ofMillis(50))
        .start();
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void nothingIsPassedOverThatCommitsLate(int version) throws Exception {
    open(version);
    try (Relay relay = relay();
        Connection open = connection();
        Connection partly = connection();
        Connection undone = connection();
        Connection prepared = connection();
        Connection preparedUndone = connection();
        Connection reader = connection()) {
      flow();
      execute(reader, "INSERT INTO applied VALUES ('holds the horizon, has appended nothing')");
      Set<UUID> expected = new HashSet<>(append(open));
      expected.addAll(append(partly));
      Savepoint savepoint = partly.setSavepoint();
      Set<UUID> never = new HashSet<>(append(partly));
      partly.rollback(savepoint);
      never.addAll(append(undone));
      Set<UUID> later = insert(prepared);
      never.addAll(insert(preparedUndone));
      flow();
      execute(prepared, "PREPARE TRANSACTION 'kept'");
      execute(preparedUndone, "PREPARE TRANSACTION 'undone'");
      flow();
      partly.commit();
      undone.rollback();
      flow();
      open.commit();
      arrived.await(expected);
      flow();
      database.execute("ROLLBACK PREPARED 'undone'");
      flow();
      database.execute("COMMIT PREPARED 'kept'");
      arrived.await(later);
      Set<UUID> last = append(reader);
      flow();
      reader.commit();
      arrived.await(last);

      assertThat(arrived.among(never)).as("rolled back and published").isEmpty();
      database.await("NOT EXISTS (SELECT FROM inbox.outbox)");
      assertThat(relay.slots()).hasSize(16);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void nothingIsPassedOverWhateverTransactionsDo(int version) throws Exception {
    open(version);
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try (Relay relay = relay()) {
      List<Future<Set<UUID>>> writers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        String name = "writer" + i;
        writers.add(threads.submit(() -> write(name)));
      }
      for (Future<Set<UUID>> writer : writers) {
        arrived.await(writer.get(5, TimeUnit.MINUTES));
      }
      database.await("NOT EXISTS (SELECT FROM inbox.outbox)");
      assertThat(relay.slots()).hasSize(16);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Many transactions of all kinds, of which some last long; returns what was committed. */
  private Set<UUID> write(String name) throws SQLException {
    Set<UUID> committed = new HashSet<>();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    try (Connection connection = connection()) {
      for (int i = 0; i < 250; i++) {
        Set<UUID> ids = new HashSet<>();
        for (int n = random.nextInt(1, 6); n > 0; n--) {
          ids.add(outbox.on(connection).append(message(name + "-" + random.nextInt(50))));
        }
        boolean kept = random.nextInt(5) != 0;
        linger();
        if (random.nextInt(4) == 0) {
          String id = name + i;
          execute(connection, "PREPARE TRANSACTION '" + id + "'");
          linger();
          database.execute((kept ? "COMMIT" : "ROLLBACK") + " PREPARED '" + id + "'");
        } else if (kept) {
          connection.commit();
        } else {
          connection.rollback();
        }
        if (kept) {
          committed.addAll(ids);
        }
      }
    }
    return committed;
  }

  /** The caller takes its time, now and then a long one: until many others were published. */
  private void linger() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    if (random.nextInt(30) == 0) {
      int until = arrived.count() + 200;
      for (int i = 0; arrived.count() < until && i < 300; i++) {
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  /** Messages that are appended, committed at once, and published. */
  private void flow() throws Exception {
    Set<UUID> ids = new HashSet<>();
    try (Connection connection = connection()) {
      for (int i = 0; i < FLOW; i++) {
        ids.add(outbox.on(connection).append(message("flow " + i % KEYS)));
        if (i % 10 == 9) {
          connection.commit();
        }
      }
    }
    arrived.await(ids);
  }

  private Set<UUID> append(Connection connection) {
    Set<UUID> ids = new HashSet<>();
    for (int i = 0; i < KEYS; i++) {
      ids.add(outbox.on(connection).append(message("late " + i)));
    }
    return ids;
  }

  /** Appends by plain SQL, as a trigger or another language would: a row in each slot. */
  private static Set<UUID> insert(Connection connection) throws SQLException {
    Set<UUID> ids = new HashSet<>();
    for (int slot = 0; slot < 16; slot++) {
      UUID id = UUID.randomUUID();
      ids.add(id);
      execute(
          connection,
          "INSERT INTO inbox.outbox (slot, message_id, tenant, topic) VALUES ("
              + slot
              + ", '"
              + id
              + "', '', 'orders')");
    }
    return ids;
  }

  private static OutboxMessage message(String key) {
    return OutboxMessage.of("orders", key, null);
  }

  private Connection connection() throws SQLException {
    Connection connection = database.connect();
    connection.setAutoCommit(false);
    return connection;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Keeps the ids of what was published. */
  private static final class Arrived implements Publisher {
    private final Set<UUID> ids = new HashSet<>();

    @Override
    public synchronized List<PublishResult> publish(List<OutboxMessage> batch) {
      List<PublishResult> results = new ArrayList<>();
      for (OutboxMessage message : batch) {
        ids.add(message.id());
        results.add(PublishResult.sent());
      }
      notifyAll();
      return results;
    }

    synchronized int count() {
      return ids.size();
    }

    synchronized Set<UUID> among(Set<UUID> some) {
      Set<UUID> found = new HashSet<>(some);
      found.retainAll(ids);
      return found;
    }

    synchronized void await(Set<UUID> expected) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!ids.containsAll(expected)) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          Set<UUID> lost = new HashSet<>(expected);
          lost.removeAll(ids);
          throw new AssertionError(lost.size() + " messages were not published");
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }

    @Override
    public void close() {
      // Holds nothing but memory.
    }
  }
}
