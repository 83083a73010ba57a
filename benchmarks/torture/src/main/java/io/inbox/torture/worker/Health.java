package io.inbox.torture.worker;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.inbox.torture.wire.Saying;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** How this process is. */
final class Health {
  private Health() {}

  static Saying.Health of(long look, boolean alone, HikariDataSource pool) {
    if (alone) {
      System.gc(); // what is in use, and not what has not been collected yet
    }
    HikariPoolMXBean connections = pool.getHikariPoolMXBean();
    int active = connections.getActiveConnections();
    return new Saying.Health(
        look,
        alone ? ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() : 0,
        alone ? ManagementFactory.getThreadMXBean().getThreadCount() : 0,
        connections.getTotalConnections(),
        active,
        backlog(pool));
  }

  private static long backlog(HikariDataSource pool) {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT (SELECT count(*) FROM "inbox"."outbox") + (SELECT count(*) FROM "inbox"."outbox_parked")
                  + (SELECT count(*) FROM "inbox"."outbox_delayed")""")) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      return -1;
    }
  }
}
