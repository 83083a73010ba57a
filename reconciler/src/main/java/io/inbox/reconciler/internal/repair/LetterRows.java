package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Dead letters, and what is sent again. */
final class LetterRows {
  private static final String MESSAGE =
      "\"topic\", \"key\", \"headers\", \"payload\", \"correlation_id\", \"causation_id\"";

  private final Tables tables;

  LetterRows(Tables tables) {
    this.tables = tables;
  }

  /** What is to be known about a letter. */
  record Known(Subject.Letter letter, boolean open, String text) {}

  /** A letter of the outbox with its message. */
  record Unsent(Known known, OutboxMessage message) {}

  /** Returns a letter of the inbox, by the primary key; locks nothing. */
  Optional<Known> find(Connection connection, long id) throws SQLException {
    String select =
        """
        SELECT "id", "tenant", "consumer", "reason", "state", "attempts" FROM %s WHERE "id" = ?
        """
            .formatted(tables.quoted("dead_letter"));
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setLong(1, id);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(known(row)) : Optional.empty();
      }
    }
  }

  /** Returns the open letters of a key, by dead_letter_key_idx; locks nothing. */
  List<Known> open(Connection connection, MessageKey key) throws SQLException {
    String select =
        """
        SELECT "id", "tenant", "consumer", "reason", "state", "attempts" FROM %s
        WHERE "message_id" = ? AND "consumer" = ? AND "source" = ? AND "tenant" = ? AND "state" = 'OPEN'
        ORDER BY "id"
        """
            .formatted(tables.quoted("dead_letter"));
    List<Known> open = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setString(1, key.messageId());
      statement.setString(2, key.consumer());
      statement.setString(3, key.source());
      statement.setString(4, key.tenant());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          open.add(known(row));
        }
      }
    }
    return open;
  }

  private static Known known(ResultSet row) throws SQLException {
    Subject.Letter letter =
        new Subject.Letter(
            false, row.getLong("id"), row.getString("tenant"), row.getString("consumer"));
    return new Known(
        letter,
        row.getString("state").equals("OPEN"),
        letter
            + " "
            + row.getString("state")
            + ", "
            + row.getString("reason")
            + " after "
            + KeyState.count(row.getInt("attempts"), "attempt"));
  }

  /** Returns a letter of the outbox, by the primary key. */
  Optional<Unsent> unsent(Connection connection, long id, boolean lock) throws SQLException {
    String select =
        "SELECT \"id\", \"message_id\", \"tenant\", \"reason\", \"state\", \"attempts\", "
            + MESSAGE
            + " FROM "
            + tables.quoted("outbox_dead_letter")
            + " WHERE \"id\" = ?"
            + (lock ? " FOR UPDATE" : "");
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setLong(1, id);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        Subject.Letter letter = new Subject.Letter(true, id, row.getString("tenant"), "");
        Known known =
            new Known(
                letter,
                row.getString("state").equals("OPEN"),
                letter
                    + " "
                    + row.getString("state")
                    + ", "
                    + row.getString("reason")
                    + " after "
                    + KeyState.count(row.getInt("attempts"), "attempt"));
        return Optional.of(new Unsent(known, message(row, "tenant")));
      }
    }
  }

  /** Ends a letter of the outbox whose message is in it again. */
  void requeued(Connection connection, long id, String resolution) throws SQLException {
    String update =
        """
        UPDATE %s SET "state" = 'REQUEUED', "resolved_at" = CURRENT_TIMESTAMP, "resolution" = ? WHERE "id" = ?
        """
            .formatted(tables.quoted("outbox_dead_letter"));
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setString(1, resolution);
      statement.setLong(2, id);
      statement.executeUpdate();
    }
  }

  /** Returns the copies of what a key appended, in their order, by the primary key. */
  List<OutboxMessage> kept(Connection connection, MessageKey key) throws SQLException {
    String select =
        "SELECT \"message_id\", \"message_tenant\", "
            + MESSAGE
            + " FROM "
            + tables.quoted("outbox_kept")
            + """
             WHERE "tenant" = ? AND "consumer" = ? AND "source" = ? AND "handled_id" = ? ORDER BY "position"
            """;
    List<OutboxMessage> messages = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      statement.setString(1, key.tenant());
      statement.setString(2, key.consumer());
      statement.setString(3, key.source());
      statement.setString(4, key.messageId());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          messages.add(message(row, "message_tenant"));
        }
      }
    }
    return messages;
  }

  private static OutboxMessage message(ResultSet row, String tenant) throws SQLException {
    return OutboxMessage.stored(
        row.getObject("message_id", UUID.class),
        row.getString(tenant),
        row.getString("topic"),
        row.getString("key"),
        row.getString("headers"),
        row.getBytes("payload"),
        row.getString("correlation_id"),
        row.getString("causation_id"));
  }
}
