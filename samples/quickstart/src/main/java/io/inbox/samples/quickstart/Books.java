package io.inbox.samples.quickstart;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;

/**
 * The business tables of the sample: balances, and one row for each booking that says which
 * delivery made it. Nothing in them keeps a message from being booked twice.
 */
final class Books {
  static final String SCHEMA = "inbox_quickstart";
  static final String BOOKING = "\"" + SCHEMA + "\".\"booking\"";
  static final String ACCOUNT = "\"" + SCHEMA + "\".\"account\"";
  private static final String UNIQUE_VIOLATION = "23505";

  private final boolean postgres;
  private final int consumer;

  Books(boolean postgres, int consumer) {
    this.postgres = postgres;
    this.consumer = consumer;
  }

  static void create(Statement statement) throws SQLException {
    statement.execute("CREATE SCHEMA IF NOT EXISTS \"" + SCHEMA + "\"");
    statement.execute(
        "CREATE TABLE IF NOT EXISTS "
            + ACCOUNT
            + " (\"account\" VARCHAR(200) NOT NULL PRIMARY KEY, \"balance\" NUMERIC(38,10) NOT NULL)");
    statement.execute(
        "CREATE TABLE IF NOT EXISTS "
            + BOOKING
            + " (\"message_id\" VARCHAR(200) NOT NULL, \"line\" BIGINT NOT NULL, \"content\" VARCHAR(64) NOT NULL,"
            + " \"account\" VARCHAR(200) NOT NULL, \"amount\" NUMERIC(38,10) NOT NULL, \"consumer\" INTEGER NOT NULL)");
    statement.execute(
        "CREATE INDEX IF NOT EXISTS \"booking_message\" ON " + BOOKING + " (\"message_id\")");
  }

  /** Books a posting in the transaction of a connection. */
  void book(Connection connection, Delivery delivery, Posting posting) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO " + BOOKING + " VALUES (?, ?, ?, ?, ?, ?)")) {
      insert.setString(1, delivery.id());
      insert.setLong(2, delivery.line());
      insert.setString(3, delivery.content());
      insert.setString(4, posting.account());
      insert.setBigDecimal(5, posting.amount());
      insert.setInt(6, consumer);
      insert.executeUpdate();
    }
    if (postgres) {
      execute(
          connection,
          "INSERT INTO "
              + ACCOUNT
              + " AS a (\"balance\", \"account\") VALUES (?, ?)"
              + " ON CONFLICT (\"account\") DO UPDATE SET \"balance\" = a.\"balance\" + excluded.\"balance\"",
          posting);
    } else if (!add(connection, posting)) {
      addFirst(connection, posting);
    }
  }

  private static boolean add(Connection connection, Posting posting) throws SQLException {
    return execute(
            connection,
            "UPDATE " + ACCOUNT + " SET \"balance\" = \"balance\" + ? WHERE \"account\" = ?",
            posting)
        == 1;
  }

  /** H2's MERGE is no upsert under concurrency: somebody else may insert the account first. */
  private static void addFirst(Connection connection, Posting posting) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      execute(
          connection,
          "INSERT INTO " + ACCOUNT + " (\"balance\", \"account\") VALUES (?, ?)",
          posting);
    } catch (SQLException e) {
      if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
        throw e;
      }
      connection.rollback(before);
      if (!add(connection, posting)) {
        throw e;
      }
    }
  }

  private static int execute(Connection connection, String sql, Posting posting)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setBigDecimal(1, posting.amount());
      statement.setString(2, posting.account());
      return statement.executeUpdate();
    }
  }

  /** Returns whether it was this very delivery that was booked. */
  static boolean madeBy(Connection connection, Delivery delivery) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT 1 FROM " + BOOKING + " WHERE \"message_id\" = ? AND \"line\" = ?")) {
      select.setString(1, delivery.id());
      select.setLong(2, delivery.line());
      try (ResultSet found = select.executeQuery()) {
        return found.next();
      }
    }
  }
}
