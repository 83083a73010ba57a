package io.inbox.samples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.migrations.InboxMigrations;
import io.inbox.outbox.Outbox;
import io.inbox.samples.stage.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Books that are right pass, and each way in which they can be wrong is seen. */
final class AuditTest {
  private static final int ORDERS = 40;

  private static final OrderStream STREAM = OrderStream.of(ORDERS, 1);
  private static final HikariDataSource ORDERS_BOOKS = database();
  private static final HikariDataSource PAYMENTS_BOOKS = database();

  private Connection orders;
  private Connection payments;

  private static HikariDataSource database() {
    return new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1").pool(6);
  }

  @BeforeAll
  static void keepBooks() throws SQLException {
    open(ORDERS_BOOKS, OrderBooks::create);
    open(PAYMENTS_BOOKS, PaymentBooks::create);
    try (Outbox atOrders = outbox(ORDERS_BOOKS);
        Outbox atPayments = outbox(PAYMENTS_BOOKS)) {
      for (PlaceOrder order : STREAM.orders()) {
        handle(ORDERS_BOOKS, atOrders, OrderBooks::place, PlaceOrder.CODEC.encode(order));
        long version =
            Long.parseLong(
                text(
                    ORDERS_BOOKS,
                    "SELECT version FROM placed WHERE order_id = '" + order.order() + "'"));
        byte[] placed =
            OrderPlaced.CODEC.encode(
                new OrderPlaced(order.order(), order.customer(), version, order.cents()));
        handle(PAYMENTS_BOOKS, atPayments, PaymentBooks::book, placed);
        handle(ORDERS_BOOKS, atOrders, OrderBooks::markPaid, placed); // says the same
      }
    }
  }

  private static void open(HikariDataSource pool, Service.Creation tables) throws SQLException {
    InboxMigrations.on(pool).migrate();
    Sql.inTransaction(
        pool,
        connection -> {
          tables.create(connection);
          return pool;
        });
  }

  private static Outbox outbox(HikariDataSource pool) {
    return Outbox.open(new Database(pool.getJdbcUrl()).store(), pool);
  }

  private static void handle(
      HikariDataSource pool, Outbox outbox, Handling handling, byte[] payload) throws SQLException {
    Sql.inTransaction(
        pool,
        connection -> {
          handling.handle(payload, connection, outbox.on(connection));
          return pool;
        });
  }

  private static String text(HikariDataSource pool, String query) throws SQLException {
    return Sql.inTransaction(
        pool,
        connection -> {
          try (Statement statement = connection.createStatement();
              var row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
          }
        });
  }

  @BeforeEach
  void begin() throws SQLException {
    orders = ORDERS_BOOKS.getConnection();
    orders.setAutoCommit(false);
    payments = PAYMENTS_BOOKS.getConnection();
    payments.setAutoCommit(false);
  }

  @AfterEach
  void undo() throws SQLException {
    orders.rollback();
    orders.close();
    payments.rollback();
    payments.close();
  }

  @AfterAll
  static void close() {
    ORDERS_BOOKS.close();
    PAYMENTS_BOOKS.close();
  }

  @Test
  void passesWhatIsRight() throws SQLException {
    Audit audit = Audit.of(STREAM, orders, payments);
    assertThat(audit.differences()).isEmpty();
    assertThat(audit.placed()).isEqualTo(ORDERS);
    assertThat(audit.paid()).isEqualTo(ORDERS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "orders | INSERT INTO placed (order_id, customer, version, cents, paid) SELECT order_id, customer, 99, cents, 1 FROM placed WHERE order_id = 'order-3' | 1 orders placed once too often; sums of orders placed off by ",
        "orders | DELETE FROM placed WHERE order_id = 'order-3' | 1 orders not placed; sums of orders placed off by ",
        "orders | UPDATE placed SET cents = cents + 7 WHERE order_id = 'order-3' | 1 orders placed with another customer or amount; sums of orders placed off by 7 cents",
        "orders | UPDATE placed SET customer = 'nobody' WHERE order_id = 'order-3' | 1 orders placed with another customer or amount; sums of orders placed off by ",
        "orders | UPDATE placed SET order_id = 'order-x' WHERE order_id = 'order-3' | 1 orders not placed; 1 orders placed with another customer or amount",
        "orders | UPDATE placed SET paid = 2 WHERE order_id = 'order-3' | 1 orders marked as paid twice",
        "orders | UPDATE placed SET paid = 0 WHERE order_id = 'order-3' | 1 orders not marked as paid",
        "orders | DELETE FROM receipt WHERE order_id = 'order-3' | 1 orders not reported as paid; sums of orders reported as paid off by ",
        "orders | UPDATE receipt SET version = version + 1000 WHERE seq = 1 | 1 orders reported as paid before an earlier one of their customer",
        "payments | INSERT INTO payment (order_id, customer, version, cents) SELECT order_id, customer, version, cents FROM payment WHERE order_id = 'order-3' | 1 orders paid once too often; sums of orders paid off by ",
        "payments | DELETE FROM payment WHERE order_id = 'order-3' | 1 orders not paid; sums of orders paid off by ",
        "payments | UPDATE payment SET version = version + 1000 WHERE seq = 1 | 1 orders paid before an earlier one of their customer",
        "payments | UPDATE account SET cents = cents - 1 WHERE customer = 'customer-1' | sums of orders on accounts off by 1 cents",
        "orders | INSERT INTO \"inbox\".\"outbox_dead_letter\" (\"message_id\", \"tenant\", \"topic\", \"appended_at\", \"reason\", \"attempts\") VALUES (RANDOM_UUID(), '', 't', CURRENT_TIMESTAMP, 'REJECTED', 1) | 1 dead letters of the order service",
        "payments | INSERT INTO \"inbox\".\"dead_letter\" (\"tenant\", \"consumer\", \"reason\") VALUES ('', 'c', 'NO_ID') | 1 dead letters of the payment service",
      })
  void seesWhatIsWrong(String where, String change, String difference) throws SQLException {
    try (Statement statement = (where.equals("orders") ? orders : payments).createStatement()) {
      assertThat(statement.executeUpdate(change)).isEqualTo(1);
    }
    assertThat(String.join("; ", Audit.of(STREAM, orders, payments).differences()))
        .startsWith(difference);
  }
}
