package io.inbox.torture.mutant;

import io.inbox.outbox.Publisher;
import io.inbox.spi.Store;
import io.inbox.torture.wire.Setting;
import io.inbox.torture.worker.Wiring;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/** Forgets keys as soon as they are handled: neither window nor margin, and no horizon. */
public final class CollectsAtOnce extends Wiring {
  @Override
  public AutoCloseable relay(
      Store store, DataSource dataSource, Publisher publisher, Setting setting) {
    Thread collector = new Thread(() -> collect(dataSource), "collects-at-once");
    collector.setDaemon(true);
    collector.start();
    AutoCloseable relay = super.relay(store, dataSource, publisher, setting);
    return () -> {
      collector.interrupt();
      collector.join();
      relay.close();
    };
  }

  private static void collect(DataSource dataSource) {
    while (!Thread.currentThread().isInterrupted()) {
      try (Connection connection = dataSource.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("DELETE FROM inbox.message WHERE state = 0");
      } catch (SQLException e) {
        // The next round.
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }
}
