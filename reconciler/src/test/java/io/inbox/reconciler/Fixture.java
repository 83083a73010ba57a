package io.inbox.reconciler;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One migrated database and what tests ask of it. */
final class Fixture implements AutoCloseable {
  /** Long: the machine may be busy. */
  static final long PATIENCE_SECONDS = 120;

  final Platform platform;
  final String url;
  final HikariDataSource dataSource;
  final Store store;

  Fixture(Platform platform, String url, HikariDataSource dataSource) {
    this.platform = platform;
    this.url = url;
    this.dataSource = dataSource;
    this.store = platform.store();
  }

  Jobs jobs() {
    return Jobs.open(store, dataSource);
  }

  /** A connection outside of the pool. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  void execute(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  int insert(String sql, Object... parameters) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement.executeUpdate();
    }
  }

  /** The first column of every row, with parameters. */
  List<String> column(String sql, Object... parameters) throws SQLException {
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<String> values = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          values.add(rows.getString(1));
        }
      }
      return values;
    }
  }

  long number(String sql, Object... parameters) throws SQLException {
    return Long.parseLong(column(sql, parameters).get(0));
  }

  /** Waits for something to become true. */
  static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + PATIENCE_SECONDS + " s: " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Override
  public void close() {
    dataSource.close();
  }
}
