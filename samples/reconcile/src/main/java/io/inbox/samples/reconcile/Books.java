package io.inbox.samples.reconcile;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * The business: payments, each booked by its message, and an account that follows from its number.
 */
final class Books {
  static final String CONSUMER = "payments";

  /** What the check compares: which message a payment is of, and whose account it is on. */
  static final String EFFECTS =
      """
      SELECT message_id AS "key", account AS "subject" FROM payment
      WHERE booked_at >= :from AND booked_at < :to
      """;

  private final DataSource dataSource;

  Books(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Without a unique index on the message id, so that the books can be spoilt in every way. */
  void create() throws SQLException {
    change(
        "CREATE TABLE payment (message_id VARCHAR(100), account VARCHAR(100) NOT NULL,"
            + " note VARCHAR(100), booked_at TIMESTAMP(6) WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL)");
    change("CREATE INDEX payment_message ON payment (message_id)");
  }

  static String id(int number) {
    return "evt_" + number;
  }

  static String account(int number) {
    return "acc_" + number % 97;
  }

  /** Delivers a payment, as a broker would; returns whether it was handled now. */
  boolean deliver(Inbox inbox, int number) {
    Message message = Message.builder(id(number)).subject(account(number)).build();
    Outcome<Void> outcome = inbox.process(message, tx -> book(tx.connection(), number));
    return outcome instanceof Outcome.Processed;
  }

  private static void book(Connection connection, int number) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO payment (message_id, account) VALUES (?, ?)")) {
      insert.setString(1, id(number));
      insert.setString(2, account(number));
      insert.executeUpdate();
    }
  }

  /** Books past the inbox, as somebody with a SQL prompt would. */
  void bookByHand(int number) throws SQLException {
    change(
        "INSERT INTO payment (message_id, account, note) VALUES (?, ?, 'by hand')",
        id(number),
        account(number));
  }

  int change(String sql, Object... values) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }

  long number(String query) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(query);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /**
   * Whether each of so many payments is booked once, on its account; independent of the library.
   */
  boolean areRight(int payments) throws SQLException {
    boolean right =
        number("SELECT COUNT(*) FROM payment") == payments
            && number("SELECT COUNT(DISTINCT message_id) FROM payment") == payments;
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT message_id, account FROM payment");
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        int number = Integer.parseInt(row.getString(1).substring("evt_".length()));
        right &= row.getString(2).equals(account(number));
      }
    }
    return right;
  }
}
