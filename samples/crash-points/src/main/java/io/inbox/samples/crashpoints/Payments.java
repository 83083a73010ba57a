package io.inbox.samples.crashpoints;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Transaction;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import io.inbox.testkit.crash.CrashConsumer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** Books a payment: a line in the journal, and the amount on the account. */
abstract class Payments implements CrashConsumer {
  private static final long AMOUNT = 7;

  abstract void handle(Message message, Transaction tx) throws SQLException;

  @Override
  public final Store store() {
    return PostgresStore.create();
  }

  @Override
  public final List<Message> messages() {
    return List.of(Message.of("payment-1", "7 EUR".getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public final List<Outcome<Void>> deliver(Inbox inbox, List<Message> messages) {
    return messages.stream()
        .map(message -> inbox.process(message, tx -> handle(message, tx)))
        .toList();
  }

  static void journal(Connection connection, Message message) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO journal (message_id, amount) VALUES (?, ?)")) {
      insert.setString(1, message.id());
      insert.setLong(2, AMOUNT);
      insert.executeUpdate();
    }
  }

  static void credit(Connection connection) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE account SET balance = balance + ?")) {
      update.setLong(1, AMOUNT);
      update.executeUpdate();
    }
  }
}
