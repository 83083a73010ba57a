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
  private final Database database;
  private final Tables tables;

  BucketKeys(Database database) {
    this.database = database;
    this.tables = database.tables();
  }

  /**
   * How a consumer keeps its keys in buckets.
   *
   * @param name by what their day is known
   * @param moving whether some of its nodes may look elsewhere
   */
  record Kind(String name, boolean moving) {}

  /** Returns empty if the consumer's keys are in no buckets. Reads by the primary key. */
  Optional<Kind> kind(Connection connection, String consumer) throws SQLException {
    if (!database.hasBuckets(connection)) {
      return Optional.empty();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT kind, moving FROM "
                + tables.quoted("bucket_consumer")
                + " WHERE consumer = ?")) {
      statement.setString(1, consumer);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(new Kind(row.getString(1), row.getBoolean(2)))
            : Optional.empty();
      }
    }
  }

  /** Returns why a key cannot be recorded, empty if it can. */
  Optional<String> obstacle(Kind kind, MessageKey key) {
    if (kind.moving()) {
      return Optional.of(
          "the consumer moves into buckets, and some of its nodes may look for the key elsewhere (finish the move first)");
    }
    if (time(kind, key) == null) {
      return Optional.of(
          "the keys of the consumer are in buckets by "
              + kind.name()
              + ", and which one is this key's cannot be told from its id (let it be delivered to a handler that looks for its effect)");
    }
    return Optional.empty();
  }

  /**
   * Records a key as handled; returns how many rows are new: none if it is known. Locks the new
   * row; waits for a transaction that inserted the same key. Reads by the primary keys of the
   * bucket and of the plain partition.
   */
  int record(Connection connection, Kind kind, MessageKey key, Instant at) throws SQLException {
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

  private static @Nullable Instant time(Kind kind, MessageKey key) {
    Message message = Message.of(key.messageId(), null);
    for (Buckets each : new Buckets[] {Buckets.byUuidV7(), Buckets.byUlid()}) {
      if (each.kind().equals(kind.name())) {
        return each.timeOf(message).orElse(null);
      }
    }
    return null;
  }
}
