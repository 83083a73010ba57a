package io.inbox.torture.soak;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks at the process, its sessions and the tables. Not thread-safe. */
final class Sampler {
  private static final String SESSIONS =
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name <> '%s'"""
          .formatted(HeldSnapshot.NAME);
  static final String BACKLOG =
      """
      SELECT (SELECT count(*) FROM inbox.outbox) + (SELECT count(*) FROM inbox.outbox_parked)
        + (SELECT count(*) FROM inbox.outbox_delayed)""";
  private static final String TABLES =
      """
      SELECT c.oid::regclass::text, pg_total_relation_size(c.oid), pg_stat_get_dead_tuples(c.oid)
      FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace IN ('inbox'::regnamespace, 'public'::regnamespace)
      ORDER BY 1""";

  private final SoakServer server;
  private final HikariDataSource pool;
  private final Load load;
  private @Nullable Sample last;

  /**
   * Creates one.
   *
   * @param pool that of the load
   */
  Sampler(SoakServer server, HikariDataSource pool, Load load) {
    this.server = server;
    this.pool = pool;
    this.load = load;
  }

  Sample take(Duration at, Part part) throws SQLException {
    Map<String, Long> figures = new LinkedHashMap<>();
    figures.put(Sample.DELIVERIES, load.deliveries());
    load.quiet().lock();
    try {
      figures.put(Sample.IN_USE, (long) pool.getHikariPoolMXBean().getActiveConnections());
      figures.put(Sample.STATEMENTS, statements());
      System.gc(); // what is left is what is held
      System.gc();
      figures.put(Sample.HEAP, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
      figures.put(Sample.THREADS, (long) ManagementFactory.getThreadMXBean().getThreadCount());
    } finally {
      load.quiet().unlock();
    }
    try (Connection connection = server.connections().getConnection();
        Statement statement = connection.createStatement()) {
      figures.put(Sample.CONNECTIONS, number(statement, SESSIONS));
      figures.put(Sample.BACKLOG, number(statement, BACKLOG));
      tables(statement, figures);
    }
    last = Sample.of(at, part, figures, last);
    return last;
  }

  /** Returns the most of any session of the load: each knows only its own. */
  private long statements() throws SQLException {
    long most = 0;
    List<Connection> all = new ArrayList<>();
    try {
      for (int i = 0; i < pool.getMaximumPoolSize(); i++) {
        Connection connection = pool.getConnection();
        all.add(connection);
        try (Statement statement = connection.createStatement()) {
          most = Math.max(most, number(statement, "SELECT count(*) FROM pg_prepared_statements"));
        }
      }
    } finally {
      for (Connection connection : all) {
        connection.close();
      }
    }
    return most;
  }

  private static void tables(Statement statement, Map<String, Long> figures) throws SQLException {
    List<String> names = new ArrayList<>();
    Map<String, Long> sizes = new LinkedHashMap<>();
    try (ResultSet row = statement.executeQuery(TABLES)) {
      while (row.next()) {
        String table = row.getString(1);
        names.add(table);
        sizes.put(Sample.DEAD + table, row.getLong(3));
        sizes.put(Sample.BYTES + table, row.getLong(2));
      }
    }
    for (String table : names) {
      figures.put(Sample.ROWS + table, number(statement, "SELECT count(*) FROM " + table));
    }
    figures.putAll(sizes);
  }

  private static long number(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
