package io.inbox.postgres;

import io.inbox.Buckets;
import io.inbox.error.ConfigurationException;
import io.inbox.error.SchemaException;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Which consumers keep their keys in buckets, and the buckets themselves. A consumer that is
 * registered one way refuses to start another way: two nodes that look for a key in two places
 * would handle it twice.
 */
final class BucketRegistry {
  private final Tables tables;
  private final String rows;

  BucketRegistry(Tables tables) {
    this.tables = tables;
    this.rows = tables.quoted("bucket_consumer");
  }

  /** In the transaction that has written the consumer's row. */
  void prepare(Connection connection, ClaimPolicy policy) throws SQLException {
    @Nullable Buckets wanted = policy.buckets();
    if (!isThere(connection)) {
      if (wanted != null) {
        throw new SchemaException(
            "IBX-517",
            "consumer "
                + policy.consumer()
                + " is to keep its keys in buckets, but "
                + tables.quoted("message")
                + " has none (run time-buckets.sql, which InboxScripts renders)");
      }
      return;
    }
    @Nullable Known known = known(connection, policy.consumer());
    if (wanted == null) {
      if (known != null && !known.moving) {
        throw refused(
            policy,
            "are kept in buckets by " + known.kind,
            "set Inbox.Builder.buckets on every node of it");
      }
      return;
    }
    if (known == null) {
      first(connection, policy, wanted);
    } else {
      again(connection, policy, wanted, known);
    }
    ahead(connection);
  }

  private boolean isThere(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?)::text")) {
      statement.setString(1, rows);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1) != null;
      }
    }
  }

  private record Known(String kind, boolean moving, long ahead) {}

  // Locks: none. Index: the primary key.
  private @Nullable Known known(Connection connection, String consumer) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT kind, moving, ahead_seconds FROM " + rows + " WHERE consumer = ?")) {
      statement.setString(1, consumer);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? new Known(row.getString(1), row.getBoolean(2), row.getLong(3)) : null;
      }
    }
  }

  /** A consumer that was registered before may have keys, and nodes that know of no bucket. */
  private void first(Connection connection, ClaimPolicy policy, Buckets wanted)
      throws SQLException {
    if (!wanted.isMoving() && isOlder(connection, policy.consumer())) {
      throw refused(
          policy,
          "are kept without buckets so far",
          "deploy all its nodes with Buckets.moving() first, then without");
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO "
                + rows
                + " (consumer, kind, moving, ahead_seconds) VALUES (?, ?, ?, ?)")) {
      statement.setString(1, policy.consumer());
      statement.setString(2, wanted.kind());
      statement.setBoolean(3, wanted.isMoving());
      statement.setLong(4, ahead(policy));
      statement.executeUpdate();
    }
  }

  // Locks: none. Index: the primary key.
  private boolean isOlder(Connection connection, String consumer) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT registered_at < CURRENT_TIMESTAMP FROM "
                + tables.quoted("consumer")
                + " WHERE consumer = ?")) {
      statement.setString(1, consumer);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /**
   * The last step of a move is taken by the first node that does not move any more. A node that
   * still does may start afterwards: it claims in the bucket, too.
   */
  private void again(Connection connection, ClaimPolicy policy, Buckets wanted, Known known)
      throws SQLException {
    if (!known.kind.equals(wanted.kind())) {
      throw refused(
          policy,
          "are kept in buckets by " + known.kind + ", not by " + wanted.kind(),
          "keep to " + known.kind + ", or give the consumer another name");
    }
    boolean moving = known.moving && wanted.isMoving();
    long ahead = Math.max(known.ahead, ahead(policy));
    if (moving != known.moving || ahead != known.ahead) {
      try (PreparedStatement statement =
          connection.prepareStatement(
              "UPDATE "
                  + rows
                  + " SET moving = moving AND ?, ahead_seconds = greatest(ahead_seconds, ?) WHERE consumer = ?")) {
        statement.setBoolean(1, wanted.isMoving());
        statement.setLong(2, ahead);
        statement.setString(3, policy.consumer());
        statement.executeUpdate();
      }
    }
  }

  private void ahead(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT " + tables.quoted("bucket_ahead") + "()");
    }
  }

  private static long ahead(ClaimPolicy policy) {
    return policy.maxAhead().toSeconds() + 1;
  }

  private static ConfigurationException refused(ClaimPolicy policy, String found, String remedy) {
    return new ConfigurationException(
        "IBX-214", "the keys of consumer " + policy.consumer() + " " + found + " (" + remedy + ")");
  }
}
