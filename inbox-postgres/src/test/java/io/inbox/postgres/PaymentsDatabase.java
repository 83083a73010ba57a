package io.inbox.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Transaction;
import io.inbox.migrations.InboxMigrations;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * A database with the tables of Inbox and two of a business: {@code applied}, a journal of effects
 * that has no unique index on purpose, so that a double shows, and {@code account}, a balance.
 */
final class PaymentsDatabase {
  private static final String ALIVE_CHECK_MILLIS = "com.zaxxer.hikari.aliveBypassWindowMs";

  private final PostgresServer server;
  private final String name;

  private PaymentsDatabase(PostgresServer server, String name) {
    this.server = server;
    this.name = name;
  }

  static PaymentsDatabase on(PostgresServer server) throws SQLException {
    PaymentsDatabase database = new PaymentsDatabase(server, server.newDatabase());
    try (HikariDataSource pool = database.pool(5)) {
      InboxMigrations.on(pool).migrate();
    }
    database.execute(
        "CREATE TABLE applied (message_id text NOT NULL)",
        "CREATE TABLE account (id text PRIMARY KEY, amount bigint NOT NULL)");
    return database;
  }

  String name() {
    return name;
  }

  String url() {
    return server.url(name);
  }

  /** The URL of this database through something that listens on another port. */
  String urlThrough(int port) {
    return "jdbc:postgresql://localhost:" + port + "/" + name + "?user=postgres";
  }

  HikariDataSource pool(int size) {
    return pool(url(), size);
  }

  /** A pool that waits two seconds for a connection, and opens none before it is asked. */
  static HikariDataSource pool(String url, int size) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(2_000);
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /** A pool like the others, whose connections make no round trips on the pool's own account. */
  static HikariDataSource quietPool(String url, int size) {
    System.setProperty(ALIVE_CHECK_MILLIS, "3600000");
    try {
      return pool(url, size);
    } finally {
      System.clearProperty(ALIVE_CHECK_MILLIS);
    }
  }

  static Inbox.Builder inbox(String consumer, DataSource dataSource) {
    return Inbox.builder(consumer, PostgresStore.create(), dataSource);
  }

  /** Writes the effect of a message. */
  static void apply(Transaction tx, Message message) throws SQLException {
    try (PreparedStatement insert =
        tx.connection().prepareStatement("INSERT INTO applied VALUES (?)")) {
      insert.setString(1, message.id());
      insert.executeUpdate();
    }
  }

  static Message message(String id) {
    return Message.of(id, null);
  }

  static Handler applying(Message message) {
    return tx -> apply(tx, message);
  }

  /** How often the effect of a message is there. */
  long applied(String messageId) throws SQLException {
    return number("SELECT count(*) FROM applied WHERE message_id = '" + messageId + "'");
  }

  /** How many rows of a consumer remember messages as handled. */
  long remembered(String consumer) throws SQLException {
    return number("SELECT count(*) FROM inbox.message WHERE consumer = '" + consumer + "'");
  }

  long number(String query) throws SQLException {
    return Long.parseLong(rows(query).get(0));
  }

  List<String> rows(String query) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      List<String> rows = new ArrayList<>();
      while (row.next()) {
        rows.add(row.getString(1));
      }
      return rows;
    }
  }

  void execute(String... commands) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String command : commands) {
        statement.execute(command);
      }
    }
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection(url());
  }

  /** The server process behind a connection. */
  static int backend(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }

  boolean isTrue(String condition) throws SQLException {
    return number("SELECT CASE WHEN " + condition + " THEN 1 ELSE 0 END") == 1;
  }

  /** Waits until a query of this database returns true; the server says when, not a clock. */
  void await(String condition) throws SQLException {
    long deadline = System.nanoTime() + 60_000_000_000L;
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      while (true) {
        try (ResultSet row = statement.executeQuery("SELECT " + condition)) {
          row.next();
          if (row.getBoolean(1)) {
            return;
          }
        }
        if (System.nanoTime() > deadline) {
          throw new AssertionError("never became true: " + condition);
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }
}
