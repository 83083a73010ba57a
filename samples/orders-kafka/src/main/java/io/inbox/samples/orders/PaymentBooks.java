package io.inbox.samples.orders;

import io.inbox.outbox.OutboxAppender;
import io.inbox.outbox.OutboxMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables of the payment service and what is done to them. Nothing in them prevents that an
 * order is paid twice.
 */
final class PaymentBooks {
  private static final List<String> TABLES =
      List.of(
          "CREATE TABLE IF NOT EXISTS account (customer VARCHAR(20) PRIMARY KEY, cents BIGINT NOT NULL)",
          "CREATE TABLE IF NOT EXISTS payment (seq BIGINT GENERATED ALWAYS AS IDENTITY, order_id VARCHAR(20) NOT NULL,"
              + " customer VARCHAR(20) NOT NULL, version BIGINT NOT NULL, cents BIGINT NOT NULL)");

  private PaymentBooks() {}

  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        statement.execute(table);
      }
    }
    Customers.create(
        connection,
        "INSERT INTO account SELECT CAST(? AS VARCHAR(20)), 0 WHERE NOT EXISTS (SELECT 1 FROM account WHERE customer = ?)");
  }

  /** Books the payment of an order and tells so, both or neither. */
  static void book(byte[] payload, Connection connection, OutboxAppender outbox)
      throws SQLException {
    OrderPlaced placed = OrderPlaced.CODEC.decode(payload);
    try (PreparedStatement update =
            connection.prepareStatement("UPDATE account SET cents = cents + ? WHERE customer = ?");
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO payment (order_id, customer, version, cents) VALUES (?, ?, ?, ?)")) {
      update.setLong(1, placed.cents());
      update.setString(2, placed.customer());
      update.executeUpdate(); // takes the lock of the customer's row, under which is told
      insert.setString(1, placed.order());
      insert.setString(2, placed.customer());
      insert.setLong(3, placed.version());
      insert.setLong(4, placed.cents());
      insert.executeUpdate();
    }
    PaymentBooked booked =
        new PaymentBooked(placed.order(), placed.customer(), placed.version(), placed.cents());
    outbox.append(
        OutboxMessage.of(
            PaymentBooked.TOPIC, booked.customer(), PaymentBooked.CODEC.encode(booked)));
  }
}
