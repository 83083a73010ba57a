package io.inbox.torture.mutant;

import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Asks by a SELECT whether a message was handled, and believes that it was not if no row is
 * visible: it may become visible at any moment. The row is written all the same, if it can be
 * without waiting.
 */
public final class ResolvesBySelect extends ClaimsWrongly {
  @Override
  Claims wrong(Claims right, ClaimPolicy policy) {
    return (Singly)
        (connection, request) -> {
          if (visible(connection, request)) {
            return right.claim(connection, request);
          }
          write(connection, request);
          return ClaimAnswer.WON;
        };
  }

  private static boolean visible(Connection connection, ClaimRequest request) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT FROM inbox.message WHERE (tenant, consumer, source, message_id) = (?, ?, ?, ?)")) {
      bind(statement, request);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Waits for nobody: whoever else inserts the same row holds this lock. */
  private static void write(Connection connection, ClaimRequest request) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO inbox.message (tenant, consumer, source, message_id, fingerprint)
            SELECT k.tenant, k.consumer, k.source, k.message_id, ?
            FROM (VALUES (?, ?, ?, ?)) AS k (tenant, consumer, source, message_id)
            WHERE pg_try_advisory_xact_lock(hashtextextended(k.tenant || k.consumer || k.source || k.message_id, 0))
            ON CONFLICT DO NOTHING""")) {
      statement.setBytes(1, request.fingerprint());
      statement.setString(2, request.key().tenant());
      statement.setString(3, request.key().consumer());
      statement.setString(4, request.key().source());
      statement.setString(5, request.key().messageId());
      statement.executeUpdate();
    }
  }

  private static void bind(PreparedStatement statement, ClaimRequest request) throws SQLException {
    statement.setString(1, request.key().tenant());
    statement.setString(2, request.key().consumer());
    statement.setString(3, request.key().source());
    statement.setString(4, request.key().messageId());
  }
}
