package io.inbox.benchmarks;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of the outbox written by hand, with everything a publisher would want to know. */
final class HandMessage {
  final short slot;
  final long id;
  final UUID messageId;
  final String tenant;
  final String topic;
  final @Nullable String key;
  final @Nullable String headers;
  final byte[] payload;
  final @Nullable String correlationId;
  final @Nullable String causationId;
  final OffsetDateTime appendedAt;

  HandMessage(ResultSet row) throws SQLException {
    slot = row.getShort(1);
    id = row.getLong(2);
    messageId = row.getObject(3, UUID.class);
    tenant = row.getString(4);
    topic = row.getString(5);
    key = row.getString(6);
    headers = row.getString(7);
    payload = row.getBytes(8);
    correlationId = row.getString(9);
    causationId = row.getString(10);
    appendedAt = row.getObject(11, OffsetDateTime.class);
  }
}
