package io.inbox.postgres;

import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The claim statements of a consumer without buckets.
 *
 * <p>The single claim is a plain insert. Its WHERE remembers the lock timeout in a setting of our
 * own and sets the bound, both for this transaction only, and then checks the message time; its
 * RETURNING puts the old timeout back. So a first delivery takes one statement, and hardly more of
 * the server than an insert without a bound. If no row was inserted, nothing was returned either:
 * {@link #loser} puts the timeout back and reads the row that holds the key, or says which bound is
 * broken. A later statement than the insert, it also sees a row that was committed while the insert
 * waited.
 *
 * <p>Messages with and without a time have statements of their own: most of the second kind's work
 * (three comparisons, the consumer's purge horizon) would be for nothing, and a parameter that is
 * sometimes a null of unknown type makes the driver prepare anew. So have batches of one source
 * whose messages have nothing but an id, as most have: four arrays less to send, unpack and join.
 */
final class PlainSql extends ClaimSql {
  private final String bound;
  final String claim;
  final String claimTimed;
  final String loser;
  final String claimAll;
  final String claimAllTimed;
  final String claimIds;
  final String claimIdsTimed;
  final String losers;

  PlainSql(Tables tables, ClaimPolicy policy) {
    super(tables, policy);
    this.bound = bound("m.message_time", "m.message_time");
    this.claim = claim(false);
    this.claimTimed = claim(true);
    this.loser = readLoser();
    this.claimAll = claimAll(false);
    this.claimAllTimed = claimAll(true);
    this.claimIds = claimIds(false);
    this.claimIdsTimed = claimIds(true);
    this.losers = readLosers();
  }

  @Override
  String claim(ClaimRequest request) {
    return request.message().time().isPresent() ? claimTimed : claim;
  }

  @Override
  List<String> claims() {
    return List.of(claim, claimTimed);
  }

  @Override
  int bind(PreparedStatement statement, ClaimRequest request) throws SQLException {
    bindMessage(statement, request);
    @Nullable OffsetDateTime time = time(request);
    if (time == null) {
      return 7;
    }
    statement.setObject(7, time);
    return 8;
  }

  @Override
  String loser() {
    return loser;
  }

  @Override
  void bindLoser(PreparedStatement statement, ClaimRequest request) throws SQLException {
    bindKey(statement, request);
    statement.setObject(4, time(request), Types.TIMESTAMP_WITH_TIMEZONE);
  }

  @Override
  String claimAll(ClaimArrays arrays) {
    if (arrays.onlyIds()) {
      return arrays.timed() ? claimIdsTimed : claimIds;
    }
    return arrays.timed() ? claimAllTimed : claimAll;
  }

  @Override
  void bindAll(Connection connection, PreparedStatement statement, ClaimArrays arrays)
      throws SQLException {
    if (arrays.onlyIds()) {
      arrays.bindIds(connection, statement);
    } else {
      arrays.bindMessages(connection, statement);
    }
    if (arrays.timed()) {
      arrays.bindTimes(connection, statement, arrays.onlyIds() ? 4 : 7);
    }
  }

  @Override
  String losers() {
    return losers;
  }

  @Override
  void bindLosers(Connection connection, PreparedStatement statement, ClaimArrays arrays)
      throws SQLException {
    arrays.bindKeys(connection, statement);
    arrays.bindTimes(connection, statement, 4);
  }

  // Locks: the new row; waits for a transaction that inserted or deletes the same key. Index: the
  // primary key.
  private String claim(boolean timed) {
    return """
        INSERT INTO %1$s (tenant, consumer, source, message_id, subject, fingerprint, correlation_id%2$s)
        SELECT m.*
        FROM (SELECT ?::text, %3$s, ?::text, ?::text, ?::text, ?::bytea, ?::text%4$s) m
        WHERE %5$s
        ON CONFLICT DO NOTHING
        RETURNING %6$s"""
        .formatted(
            table,
            timed ? ", message_time" : "",
            consumer,
            timed ? ", ?::timestamptz AS message_time" : "",
            timed
                ? "CASE WHEN " + boundedWait() + " THEN " + bound + " IS NULL END"
                : boundedWait(),
            PUT_BACK);
  }

  // Locks: none. Index: the primary key.
  private String readLoser() {
    return """
        SELECT %1$s, row.state, row.handled_at, row.fingerprint, %2$s, true
        FROM (SELECT ?::text AS tenant, ?::text AS source, ?::text AS message_id, ?::timestamptz AS message_time) m
        LEFT JOIN LATERAL (
          SELECT state, handled_at, fingerprint FROM %3$s t
          WHERE t.tenant = m.tenant AND t.consumer = %4$s AND t.source = m.source AND t.message_id = m.message_id
          LIMIT 1) row ON true"""
        .formatted(PUT_BACK, bound, table, consumer);
  }

  private String claimAll(boolean timed) {
    return insertAll(
        timed,
        ", subject, fingerprint, correlation_id",
        "m.source",
        ", m.subject, m.fingerprint, m.correlation_id",
        "?::text[], ?::text[], ?::text[], ?::bytea[], ?::text[]",
        "source, message_id, subject, fingerprint, correlation_id");
  }

  private String claimIds(boolean timed) {
    return insertAll(timed, "", "?::text", "", "?::text[]", "message_id");
  }

  // Locks: the new rows, in the order of the arrays, which is the order of the keys; so two batches
  // cannot deadlock. unnest reads arrays in storage order, and nothing is joined with it that could
  // change that; ORDER BY would sort what is sorted. Index: the primary key.
  private String insertAll(
      boolean timed, String columns, String source, String values, String arrays, String names) {
    return bounded(
        """
        INSERT INTO %1$s (tenant, consumer, source, message_id%2$s%3$s)
        SELECT ?::text, %4$s, %5$s, m.message_id%6$s%7$s
        FROM unnest(%8$s%9$s) AS m (%10$s%3$s)%11$s
        ON CONFLICT DO NOTHING
        RETURNING source, message_id"""
            .formatted(
                table,
                columns,
                timed ? ", message_time" : "",
                consumer,
                source,
                values,
                timed ? ", m.message_time" : "",
                arrays,
                timed ? ", ?::timestamptz[]" : "",
                names,
                timed ? "\nWHERE " + bound + " IS NULL" : ""));
  }

  // Locks: none. Index: the primary key.
  private String readLosers() {
    return """
        SELECT m.place, row.state, row.handled_at, row.fingerprint, %1$s, true
        FROM (SELECT ?::text AS tenant, u.* FROM unnest(?::text[], ?::text[], ?::timestamptz[])
                WITH ORDINALITY AS u (source, message_id, message_time, place)) m
        LEFT JOIN LATERAL (
          SELECT state, handled_at, fingerprint FROM %2$s t
          WHERE t.tenant = m.tenant AND t.consumer = %3$s AND t.source = m.source AND t.message_id = m.message_id
          LIMIT 1) row ON true"""
        .formatted(bound, table, consumer);
  }
}
