package io.inbox.reconciler.internal.collector;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A row that may be due. */
final class Candidate {
  final long place;
  final @Nullable String tenant;
  final @Nullable String consumer;
  final @Nullable String source;
  final @Nullable String messageId;
  final @Nullable String subject;

  /** What its age is counted from; null if it does not age, as a letter that is open. */
  final @Nullable OffsetDateTime since;

  private Candidate(ResultSet row) throws SQLException {
    this.place = row.getLong(1);
    this.tenant = row.getString(2);
    this.consumer = row.getString(3);
    this.source = row.getString(4);
    this.messageId = row.getString(5);
    this.subject = row.getString(6);
    this.since = row.getObject(7, OffsetDateTime.class);
  }

  /** Reads the columns of {@link RowIdSql#read}. */
  static Candidate read(ResultSet row) throws SQLException {
    return new Candidate(row);
  }

  /** Binds the key from the first parameter on. */
  void bindKey(PreparedStatement statement) throws SQLException {
    statement.setString(1, tenant);
    statement.setString(2, consumer);
    statement.setString(3, source);
    statement.setString(4, messageId);
  }
}
