package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxAppender;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.Transactions;
import io.inbox.spi.UnitOfWork.CommitStep;
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
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Writers that take the row lock of a key, count its version up under it, and append some messages
 * that name key and version: through a handler, in a unit of work, or on a bare connection. Some
 * wait before they commit, some roll back.
 */
final class KeyedWriters {
  private final OutboxTesting test;
  private final List<String> keys = new ArrayList<>();
  private final AtomicInteger left;
  private final AtomicInteger deliveries = new AtomicInteger();
  private final Set<UUID> committed = ConcurrentHashMap.newKeySet();
  private final Outbox outbox;

  KeyedWriters(OutboxTesting test, int keys, int messages) {
    this.test = test;
    this.left = new AtomicInteger(messages);
    this.outbox = test.outbox();
    for (int i = 0; i < keys; i++) {
      this.keys.add(test.consumer + "-" + i);
      test.books.run("INSERT INTO account (owner, balance) VALUES (?, 0)", this.keys.get(i));
    }
  }

  /** Returns an inbox whose transactions wait at times between what they append and the commit. */
  Inbox inbox() {
    return test.open(test.consumer, pausing(JdbcTransactions.on(test.pool)));
  }

  private static Transactions pausing(Transactions transactions) {
    return new Transactions() {
      @Override
      public <T> T inTransaction(Work<T> work) throws Exception {
        return transactions.inTransaction(
            unit -> {
              unit.beforeCommit(CommitStep.GUARD, KeyedWriters::pause);
              return work.run(unit);
            });
      }
    };
  }

  /** The caller of the code under test takes its time. */
  private static void pause() {
    if (ThreadLocalRandom.current().nextInt(4) == 0) {
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(3_000_000));
    }
  }

  /** Writes until everybody together has written enough. */
  Object write(Inbox inbox) throws Exception {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    while (left.get() > 0) {
      String key = keys.get(random.nextInt(keys.size()));
      boolean rollsBack = random.nextInt(10) == 0;
      int way = random.nextInt(3);
      List<UUID> ids = new ArrayList<>();
      try {
        if (way == 0) {
          byMessage(inbox, key, ids, rollsBack);
        } else if (way == 1) {
          inUnit(key, ids, rollsBack);
        } else {
          onConnection(key, ids, rollsBack);
        }
        committed.addAll(ids);
        left.addAndGet(-ids.size());
      } catch (Undo e) {
        assertThat(rollsBack).isTrue();
      }
    }
    return left;
  }

  private void byMessage(Inbox inbox, String key, List<UUID> ids, boolean rollsBack) throws Undo {
    Message message = Message.of("d" + deliveries.incrementAndGet(), null);
    Outcome<Void> outcome =
        inbox.process(
            message,
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

  private void inUnit(String key, List<UUID> ids, boolean rollsBack) throws Exception {
    pausing(JdbcTransactions.on(test.pool))
        .inTransaction(
            unit -> {
              append(unit.connection(), outbox.in(unit), key, ids, rollsBack);
              return unit;
            });
  }

  private void onConnection(String key, List<UUID> ids, boolean rollsBack) throws Exception {
    test.committed(
        connection -> {
          append(connection, outbox.on(connection), key, ids, rollsBack);
          pause();
          return connection;
        });
  }

  private static void append(
      Connection connection, OutboxAppender appender, String key, List<UUID> ids, boolean rollsBack)
      throws SQLException, Undo {
    Books.add(connection, key, 1); // holds the lock of the key from here on
    long version = version(connection, key);
    pause();
    int messages = 1 + ThreadLocalRandom.current().nextInt(3);
    for (int i = 0; i < messages; i++) {
      long position = 10 * version + i;
      ids.add(appender.append(OutboxTesting.message("orders", key, String.valueOf(position))));
    }
    pause();
    if (rollsBack) {
      throw new Undo();
    }
  }

  private static long version(Connection connection, String key) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT balance FROM account WHERE owner = ?")) {
      statement.setString(1, key);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** Returns the ids of all messages whose transactions committed. */
  Set<UUID> committed() {
    return committed;
  }

  /** Checks what was published first against what was committed. */
  void check(List<OutboxMessage> published) {
    Set<UUID> ids = new HashSet<>();
    published.forEach(message -> ids.add(message.id()));
    Set<UUID> lost = new HashSet<>(committed);
    lost.removeAll(ids);
    assertThat(lost).as("committed and not published").isEmpty();
    ids.removeAll(committed);
    assertThat(ids).as("published and not committed").isEmpty();
    Map<String, Long> last = new HashMap<>();
    for (OutboxMessage message : published) {
      String key = message.key().orElseThrow();
      long position = Long.parseLong(OutboxTesting.payloads(List.of(message)).get(0));
      assertThat(position)
          .as("first publications of key %s", key)
          .isGreaterThan(last.getOrDefault(key, 0L));
      last.put(key, position);
    }
  }

  /** What rolls a transaction back. */
  private static final class Undo extends Exception {
    private static final long serialVersionUID = 1L;

    Undo() {
      super("scripted rollback");
    }
  }
}
