package io.inbox.torture.mutant;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.spi.Store;
import io.inbox.torture.wire.Setting;
import io.inbox.torture.worker.Wiring;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/** Publishes by several threads that lock the oldest rows and skip what others have locked. */
public final class SkipsLocked extends Wiring {
  private static final int THREADS = 3;

  @Override
  public AutoCloseable relay(
      Store store, DataSource dataSource, Publisher publisher, Setting setting) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Thread thread = new Thread(() -> publish(dataSource, publisher), "skips-locked-" + i);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
    return () -> threads.forEach(Thread::interrupt);
  }

  private static void publish(DataSource dataSource, Publisher publisher) {
    while (!Thread.currentThread().isInterrupted()) {
      try (Connection connection = dataSource.getConnection()) {
        connection.setAutoCommit(false);
        int published = round(connection, publisher);
        connection.commit();
        if (published == 0) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
      } catch (Exception e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
  }

  private static int round(Connection connection, Publisher publisher) throws Exception {
    List<OutboxMessage> messages = new ArrayList<>();
    List<String> ids = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT id, message_id, tenant, topic, key, headers, payload, correlation_id, causation_id
                FROM inbox.outbox ORDER BY id LIMIT 10 FOR UPDATE SKIP LOCKED""")) {
      while (row.next()) {
        ids.add(row.getString(1));
        messages.add(message(row));
      }
    }
    if (messages.isEmpty()) {
      return 0;
    }
    List<PublishResult> results = publisher.publish(messages);
    for (int i = results.size() - 1; i >= 0; i--) {
      if (results.get(i).kind() != PublishResult.Kind.SENT) {
        ids.remove(i);
      }
    }
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(
          "DELETE FROM inbox.outbox WHERE id IN (" + String.join(", ", ids) + ")");
    }
  }

  private static OutboxMessage message(ResultSet row) throws SQLException {
    return OutboxMessage.stored(
        row.getObject(2, UUID.class),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getBytes(7),
        row.getString(8),
        row.getString(9));
  }
}
