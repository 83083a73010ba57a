package io.inbox.testkit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * The business effect that tests look at: a row for each handling, without a unique constraint that
 * would hide a double, and a balance that adds up, so that a double shows.
 */
final class Books {
  private final DataSource pool;
  private final String owner;

  Books(DataSource pool, String owner) {
    this.pool = pool;
    this.owner = owner;
    run("INSERT INTO account (owner, balance) VALUES (?, 0)", owner);
  }

  static void createTables(DataSource pool) {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TABLE account (owner VARCHAR(1000) PRIMARY KEY, balance BIGINT NOT NULL CHECK (balance < 1000000))");
      statement.execute(
          "CREATE TABLE applied (owner VARCHAR(1000) NOT NULL, message_id VARCHAR(1000) NOT NULL)");
      statement.execute("CREATE INDEX applied_owner ON applied (owner)");
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create the business tables", e);
    }
  }

  /** Applies one message: a row and the balance. */
  void apply(Connection connection, String messageId, long amount) throws SQLException {
    note(connection, messageId);
    add(connection, owner, amount);
  }

  /** Writes only the row, so that two messages do not wait for one account. */
  void note(Connection connection, String messageId) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO applied (owner, message_id) VALUES (?, ?)")) {
      statement.setString(1, owner);
      statement.setString(2, messageId);
      statement.executeUpdate();
    }
  }

  /** Adds to a balance; holds the lock on its row until the transaction ends. */
  static void add(Connection connection, String owner, long amount) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("UPDATE account SET balance = balance + ? WHERE owner = ?")) {
      statement.setLong(1, amount);
      statement.setString(2, owner);
      statement.executeUpdate();
    }
  }

  /** Runs a statement that the database refuses: the account exists already. */
  void fail(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("INSERT INTO account (owner, balance) VALUES (?, 0)")) {
      statement.setString(1, owner);
      statement.executeUpdate();
    }
  }

  /** Opens a second account; returns its owner. */
  String secondAccount() {
    String second = owner + "-2";
    run("INSERT INTO account (owner, balance) VALUES (?, 0)", second);
    return second;
  }

  String owner() {
    return owner;
  }

  long balance() {
    return balance(owner);
  }

  long balance(String account) {
    return Long.parseLong(text("SELECT balance FROM account WHERE owner = ?", account));
  }

  /** Returns the message ids applied, in no order, as often as they were. */
  List<String> applied() {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT message_id FROM applied WHERE owner = ?")) {
      statement.setString(1, owner);
      List<String> ids = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getString(1));
        }
      }
      return ids;
    } catch (SQLException e) {
      throw new IllegalStateException("cannot read the books", e);
    }
  }

  /** Runs one statement in a transaction of its own; returns how many rows it changed. */
  int run(String sql, Object... binds) {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = bound(connection, sql, binds)) {
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException("refused: " + sql, e);
    }
  }

  /** Returns the first column of the first row as text; empty where there is none. */
  String text(String sql, Object... binds) {
    try (Connection connection = pool.getConnection();
        PreparedStatement statement = bound(connection, sql, binds);
        ResultSet row = statement.executeQuery()) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    } catch (SQLException e) {
      throw new IllegalStateException("refused: " + sql, e);
    }
  }

  private static PreparedStatement bound(Connection connection, String sql, Object... binds)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < binds.length; i++) {
      statement.setObject(i + 1, binds[i]);
    }
    return statement;
  }
}
