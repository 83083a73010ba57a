package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxAppender;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.Transactions;
import io.inbox.spi.UnitOfWork.CommitStep;
import io.inbox.testkit.Receiver;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Eight writers that take the row lock of a key, count its version up under it, and append messages
 * that name key and version; through a handler, in a unit of work, or on a bare connection. Some
 * wait before they commit, some roll back.
 */
final class VersionedWriters implements AutoCloseable {
  private static final int WRITERS = 8;

  private final HikariDataSource pool;
  private final Transactions transactions;
  private final Outbox outbox;
  private final Inbox inbox;
  private final int keys;
  private final AtomicInteger left;
  private final AtomicInteger deliveries = new AtomicInteger();
  private final Set<String> committed = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
  private final List<Future<Object>> running = new ArrayList<>();

  VersionedWriters(PaymentsDatabase database, int keys, int messages) throws SQLException {
    this.pool = database.pool(WRITERS + 2);
    this.keys = keys;
    this.left = new AtomicInteger(messages);
    database.execute(
        "INSERT INTO account SELECT 'k' || n, 0 FROM generate_series(0, " + (keys - 1) + ") AS n");
    this.outbox = Outbox.open(PostgresStore.create(), pool);
    JdbcTransactions plain = JdbcTransactions.on(pool);
    this.transactions =
        new Transactions() {
          @Override
          public <T> T inTransaction(Work<T> work) throws Exception {
            return plain.inTransaction(
                unit -> {
                  unit.beforeCommit(CommitStep.GUARD, VersionedWriters::pause);
                  return work.run(unit);
                });
          }
        };
    this.inbox = Inbox.builder("writers", PostgresStore.create(), transactions).build();
  }

  void start() {
    for (int i = 0; i < WRITERS; i++) {
      running.add(threads.submit(this::write));
    }
  }

  void awaitEnd() throws Exception {
    for (Future<Object> writer : running) {
      writer.get(1, TimeUnit.HOURS);
    }
  }

  /** The caller of the code under test takes its time. */
  private static void pause() {
    if (ThreadLocalRandom.current().nextInt(4) == 0) {
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(3_000_000));
    }
  }

  private Object write() throws Exception {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (left.get() > 0) {
      String key = "k" + random.nextInt(keys);
      boolean rollsBack = random.nextInt(10) == 0;
      List<String> ids = new ArrayList<>();
      try {
        switch (random.nextInt(3)) {
          case 0 -> handle(key, ids, rollsBack);
          case 1 ->
              transactions.inTransaction(
                  unit -> append(unit.connection(), outbox.in(unit), key, ids, rollsBack));
          default -> onConnection(key, ids, rollsBack);
        }
        assertThat(rollsBack).isFalse();
        committed.addAll(ids);
        left.addAndGet(-ids.size());
      } catch (Undo e) {
        assertThat(rollsBack).isTrue();
      }
    }
    return left;
  }

  private void handle(String key, List<String> ids, boolean rollsBack) throws Undo {
    Outcome<Void> outcome =
        inbox.process(
            Message.of("d" + deliveries.incrementAndGet(), null),
            tx -> {
              ids.clear();
              pause();
              append(tx.connection(), tx.outbox(), key, ids, rollsBack);
            });
    if (outcome instanceof Outcome.Failed<Void> failed && failed.cause() instanceof Undo undo) {
      throw undo;
    }
    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
  }

  private void onConnection(String key, List<String> ids, boolean rollsBack) throws Exception {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        append(connection, outbox.on(connection), key, ids, rollsBack);
        pause();
        connection.commit();
      } catch (Undo e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private static Object append(
      Connection connection,
      OutboxAppender appender,
      String key,
      List<String> ids,
      boolean rollsBack)
      throws SQLException, Undo {
    long version;
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE account SET amount = amount + 1 WHERE id = ? RETURNING amount")) {
      statement.setString(1, key);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        version = row.getLong(1);
      }
    }
    pause();
    int messages = 1 + ThreadLocalRandom.current().nextInt(3);
    for (int i = 0; i < messages; i++) {
      byte[] position = String.valueOf(10 * version + i).getBytes(StandardCharsets.UTF_8);
      ids.add(appender.append(OutboxMessage.of("orders", key, position)).toString());
    }
    pause();
    if (rollsBack) {
      throw new Undo();
    }
    return key;
  }

  int committed() {
    return committed.size();
  }

  /** Checks what was published against what was committed. */
  void check(Receiver receiver) {
    Set<String> ids = new HashSet<>();
    Map<String, Long> last = new HashMap<>();
    for (Receiver.Arrival arrival : receiver.arrivals()) {
      ids.add(arrival.id());
      long position = Long.parseLong(arrival.payload());
      assertThat(position)
          .as("first publications of key %s", arrival.key())
          .isGreaterThan(last.getOrDefault(arrival.key(), 0L));
      last.put(arrival.key(), position);
    }
    Set<String> lost = new HashSet<>(committed);
    lost.removeAll(ids);
    assertThat(lost).as("committed and not published").isEmpty();
    ids.removeAll(committed);
    assertThat(ids).as("published and not committed").isEmpty();
  }

  @Override
  public void close() {
    threads.shutdownNow();
    inbox.close();
    outbox.close();
    pool.close();
  }

  /** What rolls a transaction back. */
  private static final class Undo extends Exception {
    private static final long serialVersionUID = 1L;

    Undo() {
      super("scripted rollback");
    }
  }
}
