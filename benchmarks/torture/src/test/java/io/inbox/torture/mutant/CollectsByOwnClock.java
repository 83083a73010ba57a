package io.inbox.torture.mutant;

import io.inbox.spi.Store;
import io.inbox.torture.plan.Aged;
import io.inbox.torture.wire.Setting;
import io.inbox.torture.worker.Wiring;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/** Collects by the clock of its own machine, which is some minutes fast. */
public final class CollectsByOwnClock extends Wiring {
  private static final Duration FAST = Duration.ofMinutes(5);

  @Override
  public AutoCloseable jobs(Store store, DataSource dataSource, Setting setting) {
    Thread collector = new Thread(() -> collect(dataSource), "collects-by-own-clock");
    collector.setDaemon(true);
    collector.start();
    return () -> {
      collector.interrupt();
      collector.join();
    };
  }

  private static void collect(DataSource dataSource) {
    while (!Thread.currentThread().isInterrupted()) {
      try (Connection connection = dataSource.getConnection();
          PreparedStatement statement =
              connection.prepareStatement(
                  """
                  DELETE FROM "inbox"."message" WHERE "consumer" = ? AND "handled_at" < ? AND "tenant" <> ?""")) {
        statement.setString(1, Aged.CONSUMER);
        statement.setObject(
            2, OffsetDateTime.now(ZoneOffset.UTC).plus(FAST).minus(Aged.WINDOW).minus(Aged.MARGIN));
        statement.setString(3, Aged.HELD_TENANT);
        statement.executeUpdate();
      } catch (SQLException e) {
        // The next round.
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }
}
