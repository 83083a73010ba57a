package io.inbox.reconciler;

import io.inbox.Claim;
import io.inbox.Inbox;
import io.inbox.Message;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Threads that handle messages until they are told to stop: two by short transactions, one that
 * keeps its transactions open over the short ones of the others, so that it commits late, and one
 * that changes the balance of a few accounts again and again.
 */
final class HandlingLoad implements AutoCloseable {
  private static final long PATIENCE = TimeUnit.MINUTES.toNanos(5);

  private final Ledger ledger;
  private final Inbox inbox;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> running = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition oneMore = lock.newCondition();
  private long handled;

  private HandlingLoad(Ledger ledger, Inbox inbox) {
    this.ledger = ledger;
    this.inbox = inbox;
  }

  static HandlingLoad start(Ledger ledger, Inbox inbox) {
    HandlingLoad load = new HandlingLoad(ledger, inbox);
    load.run(load::shortOnes, "a");
    load.run(load::shortOnes, "b");
    load.run(load::longOnes, "c");
    load.run(load::hotOnes, "d");
    return load;
  }

  private void run(Handling handling, String name) {
    running.add(
        threads.submit(
            () -> {
              for (long i = 0; !stop.get(); i++) {
                handling.handle(name + "-" + i);
              }
              return name;
            }));
  }

  private void shortOnes(String id) {
    Ledger.handle(inbox, SeededDriftContract.message("load-" + id, "account-of-" + id));
    lock.lock();
    try {
      handled++;
      oneMore.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Claims ten keys, waits for others to be handled, and commits. */
  private void longOnes(String id) throws Exception {
    try (Connection connection = ledger.pool().getConnection()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < 10; i++) {
        Message message =
            SeededDriftContract.message("late-" + id + "-" + i, "late-account-" + id + "-" + i);
        if (!(inbox.claim(connection, message) instanceof Claim.First)) {
          throw new AssertionError(message + " is no first one");
        }
        book(connection, message);
      }
      awaitOrStop(handled() + 20);
      connection.commit();
      connection.setAutoCommit(true);
    }
  }

  /** The balance of an account says which message changed it last. */
  private void hotOnes(String id) {
    Message message =
        Message.builder("hot-" + id)
            .subject("hot-account-" + id.charAt(id.length() - 1))
            .correlationId("c-" + id)
            .build();
    inbox.process(
        message,
        tx -> {
          book(tx.connection(), message);
          if (change(tx.connection(), message, UPDATE) == 0) {
            change(tx.connection(), message, INSERT);
          }
        });
  }

  private static final String UPDATE =
      "UPDATE balance SET note = ?, changed_at = ? WHERE account = ?";

  private static final String INSERT =
      "INSERT INTO balance (note, changed_at, account) VALUES (?, ?, ?)";

  private static int change(Connection connection, Message message, String sql)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, message.correlationId().orElseThrow());
      statement.setObject(2, OffsetDateTime.now(ZoneOffset.UTC));
      statement.setString(3, message.subject().orElseThrow());
      return statement.executeUpdate();
    }
  }

  private static void book(Connection connection, Message message) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO payment (message_id, account, booked_at) VALUES (?, ?, ?)")) {
      insert.setString(1, message.id());
      insert.setString(2, message.subject().orElseThrow());
      insert.setObject(3, OffsetDateTime.now(ZoneOffset.UTC));
      insert.executeUpdate();
    }
  }

  long handled() {
    lock.lock();
    try {
      return handled;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so many messages were handled, or the load is to end. */
  private boolean awaitOrStop(long count) throws InterruptedException {
    long left = PATIENCE;
    lock.lock();
    try {
      while (handled < count && left > 0 && !stop.get()) {
        left = oneMore.awaitNanos(left);
      }
      return handled >= count;
    } finally {
      lock.unlock();
    }
  }

  void awaitHandled(long count) throws InterruptedException, ExecutionException {
    if (!awaitOrStop(count)) {
      for (Future<?> thread : running) {
        if (thread.isDone()) {
          thread.get();
        }
      }
      throw new AssertionError("only " + handled() + " messages were handled");
    }
  }

  @Override
  public void close() throws InterruptedException, ExecutionException {
    stop.set(true);
    lock.lock();
    try {
      oneMore.signalAll();
    } finally {
      lock.unlock();
    }
    threads.shutdown();
    if (!threads.awaitTermination(5, TimeUnit.MINUTES)) {
      throw new AssertionError("the load does not end");
    }
    for (Future<?> thread : running) {
      thread.get();
    }
  }

  private interface Handling {
    void handle(String id) throws Exception;
  }
}
