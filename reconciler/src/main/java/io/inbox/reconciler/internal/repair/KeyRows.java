package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** The rows of one key. */
final class KeyRows {
  private static final String OF_KEY =
      " WHERE \"tenant\" = ? AND \"consumer\" = ? AND \"source\" = ? AND \"message_id\" = ?";
  private static final String OF_HANDLED =
      " WHERE \"tenant\" = ? AND \"consumer\" = ? AND \"source\" = ? AND \"handled_id\" = ?";

  /** Holds the place of a key in its bucket while its consumer moves there. */
  private static final int SHADOW = 2;

  private final Tables tables;

  KeyRows(Tables tables) {
    this.tables = tables;
  }

  /** Reads by the primary keys, and the letters by dead_letter_key_idx. Locks nothing. */
  KeyState state(Connection connection, MessageKey key) throws SQLException {
    @Nullable Instant at = null;
    boolean givenUp = false;
    String select =
        "SELECT \"handled_at\", \"state\" FROM "
            + tables.quoted("message")
            + OF_KEY
            + " AND \"state\" <> "
            + SHADOW;
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      bind(statement, 1, key);
      try (ResultSet row = statement.executeQuery()) {
        if (row.next()) {
          at = row.getObject(1, OffsetDateTime.class).toInstant();
          givenUp = row.getInt(2) != 0;
        }
      }
    }
    return new KeyState(
        at,
        givenUp,
        number(connection, "SELECT MAX(OCTET_LENGTH(\"result\")) FROM ", "result", OF_KEY, key, -1),
        number(connection, "SELECT MAX(\"attempts\") FROM ", "attempt", OF_KEY, key, 0),
        number(connection, "SELECT COUNT(*) FROM ", "outbox_kept", OF_HANDLED, key, 0),
        number(
            connection,
            "SELECT COUNT(*) FROM ",
            "dead_letter",
            OF_KEY + " AND \"state\" = 'OPEN'",
            key,
            0));
  }

  private int number(
      Connection connection, String select, String table, String where, MessageKey key, int none)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(select + tables.quoted(table) + where)) {
      bind(statement, 1, key);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        int number = row.getInt(1);
        return row.wasNull() ? none : number;
      }
    }
  }

  /** Locks the key's row, by the primary key; returns whether there is one. */
  boolean lock(Connection connection, MessageKey key) throws SQLException {
    String select =
        "SELECT 1 FROM "
            + tables.quoted("message")
            + OF_KEY
            + " AND \"state\" <> "
            + SHADOW
            + " FOR UPDATE";
    try (PreparedStatement statement = connection.prepareStatement(select)) {
      bind(statement, 1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Writes what the effect of a key that was recorded says about its message. */
  void describe(
      Connection connection,
      MessageKey key,
      @Nullable String subject,
      @Nullable String correlationId)
      throws SQLException {
    if (subject == null && correlationId == null) {
      return;
    }
    String update =
        "UPDATE "
            + tables.quoted("message")
            + " SET \"subject\" = ?, \"correlation_id\" = ?"
            + OF_KEY;
    try (PreparedStatement statement = connection.prepareStatement(update)) {
      statement.setString(1, subject);
      statement.setString(2, correlationId);
      bind(statement, 3, key);
      statement.executeUpdate();
    }
  }

  /**
   * Deletes the key's row, which locks it first, if it is as it was seen, and then what hangs on
   * it; returns whether it was.
   */
  boolean delete(Connection connection, MessageKey key, KeyState seen) throws SQLException {
    String delete =
        "DELETE FROM "
            + tables.quoted("message")
            + OF_KEY
            + " AND \"handled_at\" = ? AND \"state\" = ?";
    try (PreparedStatement statement = connection.prepareStatement(delete)) {
      int next = bind(statement, 1, key);
      statement.setObject(next, seen.at() == null ? null : seen.at().atOffset(ZoneOffset.UTC));
      statement.setInt(next + 1, seen.givenUp() ? 1 : 0);
      if (statement.executeUpdate() == 0) {
        return false;
      }
    }
    delete(connection, "message", OF_KEY + " AND \"state\" = " + SHADOW, key);
    delete(connection, "result", OF_KEY, key);
    delete(connection, "attempt", OF_KEY, key);
    delete(connection, "outbox_kept", OF_HANDLED, key);
    return true;
  }

  private void delete(Connection connection, String table, String where, MessageKey key)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("DELETE FROM " + tables.quoted(table) + where)) {
      bind(statement, 1, key);
      statement.executeUpdate();
    }
  }

  private static int bind(PreparedStatement statement, int first, MessageKey key)
      throws SQLException {
    statement.setString(first, key.tenant());
    statement.setString(first + 1, key.consumer());
    statement.setString(first + 2, key.source());
    statement.setString(first + 3, key.messageId());
    return first + 4;
  }
}
