package io.inbox.reconciler.internal.repair;

import io.inbox.Buckets;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records keys in buckets. It must be where a delivery looks for the key and waits for it: in any
 * other place a delivery at the same moment would be handled, too.
 */
final class BucketKeys {
  private static final String MOVING = "moving";

  private final boolean postgres;
  private final Tables tables;

  BucketKeys(Database database) {
    this.postgres = database.isPostgres();
    this.tables = database.tables();
  }

  // Locks: none. Index: the primary key.
  /** Returns by what the buckets of a consumer's keys are known; empty if they are in none. */
  Optional<String> kind(Connection connection, String consumer) throws SQLException {
    if (!postgres || !isThere(connection)) {
      return Optional.empty();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT CASE WHEN moving THEN '"
                + MOVING
                + "' ELSE kind END FROM "
                + tables.quoted("bucket_consumer")
                + " WHERE consumer = ?")) {
      statement.setString(1, consumer);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }

  private boolean isThere(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      statement.setString(1, tables.quoted("bucket_consumer"));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** Returns whether the day of a key is known from the key alone. */
  boolean canRecord(String kind, MessageKey key) {
    return time(kind, key) != null;
  }

  // Locks: the new row; waits for a transaction that inserted the same key. Index: the primary keys
  // of the bucket and of the plain partition.
  /** Records a key as handled; returns how many rows are new: none if it is known. */
  int record(Connection connection, String kind, MessageKey key, Instant at) throws SQLException {
    @Nullable Instant time = time(kind, key);
    if (time == null) {
      throw new IllegalArgumentException("no time in " + key);
    }
    String insert =
        """
        INSERT INTO %1$s (tenant, consumer, source, message_id, handled_at, message_time, bucket)
        SELECT m.*, coalesce((SELECT b.day FROM %2$s b WHERE b.day = ?), '-infinity')
        FROM (SELECT ?::text AS tenant, ?::text AS consumer, ?::text AS source, ?::text AS message_id, ?::timestamptz, ?::timestamptz) m
        WHERE NOT EXISTS (SELECT FROM %1$s t WHERE t.bucket = '-infinity' AND t.tenant = m.tenant
          AND t.consumer = m.consumer AND t.source = m.source AND t.message_id = m.message_id)
        ON CONFLICT DO NOTHING"""
            .formatted(tables.quoted("message"), tables.quoted("bucket"));
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      statement.setObject(1, LocalDate.ofInstant(time, ZoneOffset.UTC));
      statement.setString(2, key.tenant());
      statement.setString(3, key.consumer());
      statement.setString(4, key.source());
      statement.setString(5, key.messageId());
      statement.setObject(6, at.atOffset(ZoneOffset.UTC));
      statement.setObject(7, time.atOffset(ZoneOffset.UTC));
      return statement.executeUpdate();
    }
  }

  private static @Nullable Instant time(String kind, MessageKey key) {
    Message message = Message.of(key.messageId(), null);
    for (Buckets each : new Buckets[] {Buckets.byUuidV7(), Buckets.byUlid()}) {
      if (each.kind().equals(kind)) {
        return each.timeOf(message).orElse(null);
      }
    }
    return null;
  }
}
