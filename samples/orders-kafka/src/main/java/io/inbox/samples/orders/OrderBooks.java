package io.inbox.samples.orders;

import io.inbox.outbox.OutboxAppender;
import io.inbox.outbox.OutboxMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables of the order service and what is done to them. Nothing in them prevents that an order
 * is placed, or paid, twice.
 */
final class OrderBooks {
  private static final List<String> TABLES =
      List.of(
          "CREATE TABLE IF NOT EXISTS customer (id VARCHAR(20) PRIMARY KEY, version BIGINT NOT NULL)",
          "CREATE TABLE IF NOT EXISTS placed (seq BIGINT GENERATED ALWAYS AS IDENTITY, order_id VARCHAR(20) NOT NULL,"
              + " customer VARCHAR(20) NOT NULL, version BIGINT NOT NULL, cents BIGINT NOT NULL, paid INT NOT NULL)",
          "CREATE INDEX IF NOT EXISTS placed_order ON placed (order_id)",
          "CREATE TABLE IF NOT EXISTS receipt (seq BIGINT GENERATED ALWAYS AS IDENTITY, order_id VARCHAR(20) NOT NULL,"
              + " customer VARCHAR(20) NOT NULL, version BIGINT NOT NULL, cents BIGINT NOT NULL)");

  private OrderBooks() {}

  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        statement.execute(table);
      }
    }
    Customers.create(
        connection,
        "INSERT INTO customer SELECT CAST(? AS VARCHAR(20)), 0 WHERE NOT EXISTS (SELECT 1 FROM customer WHERE id = ?)");
  }

  /** Places an order and tells so, both or neither. */
  static void place(byte[] payload, Connection connection, OutboxAppender outbox)
      throws SQLException {
    PlaceOrder command = PlaceOrder.CODEC.decode(payload);
    long version = nextVersion(connection, command.customer());
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO placed (order_id, customer, version, cents, paid) VALUES (?, ?, ?, ?, 0)")) {
      insert.setString(1, command.order());
      insert.setString(2, command.customer());
      insert.setLong(3, version);
      insert.setLong(4, command.cents());
      insert.executeUpdate();
    }
    OrderPlaced placed =
        new OrderPlaced(command.order(), command.customer(), version, command.cents());
    outbox.append(
        OutboxMessage.of(OrderPlaced.TOPIC, placed.customer(), OrderPlaced.CODEC.encode(placed)));
  }

  /** Takes the lock of the customer's row, under which orders are counted and told. */
  private static long nextVersion(Connection connection, String customer) throws SQLException {
    try (PreparedStatement update =
            connection.prepareStatement("UPDATE customer SET version = version + 1 WHERE id = ?");
        PreparedStatement select =
            connection.prepareStatement("SELECT version FROM customer WHERE id = ?")) {
      update.setString(1, customer);
      update.executeUpdate();
      select.setString(1, customer);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** Notes that the payment service has booked a payment. */
  static void markPaid(byte[] payload, Connection connection, OutboxAppender outbox)
      throws SQLException {
    PaymentBooked booked = PaymentBooked.CODEC.decode(payload);
    try (PreparedStatement update =
            connection.prepareStatement("UPDATE placed SET paid = paid + 1 WHERE order_id = ?");
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO receipt (order_id, customer, version, cents) VALUES (?, ?, ?, ?)")) {
      update.setString(1, booked.order());
      update.executeUpdate();
      insert.setString(1, booked.order());
      insert.setString(2, booked.customer());
      insert.setLong(3, booked.version());
      insert.setLong(4, booked.cents());
      insert.executeUpdate();
    }
  }
}
