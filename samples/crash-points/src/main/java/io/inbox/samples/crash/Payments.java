package io.inbox.samples.crash;

import io.inbox.Message;
import io.inbox.Transaction;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A balance, an audit trail of it, and two handlers of which one is wrong. */
final class Payments {
  private final DataSource dataSource;

  Payments(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  void createTables() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE payment (message_id VARCHAR(100) NOT NULL)");
      statement.execute("CREATE TABLE audit (message_id VARCHAR(100) NOT NULL)");
    }
  }

  /** Writes both rows in the transaction of the message. */
  void right(Message message, Transaction tx) throws SQLException {
    insert(tx.connection(), "INSERT INTO audit VALUES (?)", message);
    insert(tx.connection(), "INSERT INTO payment VALUES (?)", message);
  }

  /** Writes the audit trail on a connection of its own, and passes every test without a fault. */
  void wrong(Message message, Transaction tx) throws SQLException {
    try (Connection another = dataSource.getConnection()) {
      insert(another, "INSERT INTO audit VALUES (?)", message);
    }
    insert(tx.connection(), "INSERT INTO payment VALUES (?)", message);
  }

  private static void insert(Connection connection, String sql, Message message)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      insert.setString(1, message.id());
      insert.executeUpdate();
    }
  }

  /** The invariant: one row in each table. */
  static void bothOnce(Connection connection, Message message) throws SQLException {
    long payments = count(connection, "SELECT COUNT(*) FROM payment WHERE message_id = ?", message);
    long audits = count(connection, "SELECT COUNT(*) FROM audit WHERE message_id = ?", message);
    if (payments != 1 || audits != 1) {
      throw new AssertionError(
          "payments: " + payments + ", audit rows: " + audits + ", expected one of each");
    }
  }

  private static long count(Connection connection, String sql, Message message)
      throws SQLException {
    try (PreparedStatement count = connection.prepareStatement(sql)) {
      count.setString(1, message.id());
      try (ResultSet row = count.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
