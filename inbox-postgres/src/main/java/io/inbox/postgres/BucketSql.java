package io.inbox.postgres;

import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The claim statements of a consumer whose keys are in buckets.
 *
 * <p>A key is inserted into the bucket of its day, if that is there, if no bound is broken, and if
 * no row of the plain partition holds it: one of before the consumer moved, or one that was kept
 * longer than its bucket.
 *
 * <p>While a consumer moves, some nodes insert into the plain partition, some into both, some into
 * the bucket: the second kind has something in common with each of the others, and the first and
 * the third are never there at once. The row in the bucket is a shadow then (state 2), which holds
 * the place and says nothing. The bucket comes first, so that nobody waits in a circle.
 */
final class BucketSql extends ClaimSql {
  private static final String PLAIN = "'-infinity'::date";
  private static final String COLUMNS =
      "tenant, consumer, source, message_id, subject, fingerprint, correlation_id, message_time";

  private final boolean moving;
  final String claim;
  final String claimUnbounded;
  final String loser;
  final String claimAll;
  final String losers;

  BucketSql(Tables tables, ClaimPolicy policy, boolean moving) {
    super(tables, policy);
    this.moving = moving;
    String bound =
        bound("least(m.message_time, m.key_time)", "greatest(m.message_time, m.key_time)");
    String there =
        "EXISTS (SELECT FROM %s b WHERE b.day = m.bucket OFFSET 0)"
            .formatted(tables.quoted("bucket"));
    String known =
        "EXISTS (SELECT FROM %s t WHERE t.bucket = %s AND t.tenant = m.tenant AND t.consumer = %s AND t.source = m.source AND t.message_id = m.message_id OFFSET 0)"
            .formatted(table, PLAIN, consumer);
    String free = bound + " IS NULL AND " + there + " AND NOT " + known;
    String unbounded = "CASE WHEN " + there + " THEN m.bucket ELSE " + PLAIN + " END";
    this.claim = moving ? move(free, "false") : insert("m.bucket", free);
    this.claimUnbounded =
        moving
            ? move(there + " AND NOT " + known, "NOT " + there)
            : insert(unbounded, "NOT " + known);
    this.loser = readLoser(bound, there);
    this.claimAll = bounded(moving ? moveAll(free) : insertAll(free));
    this.losers = readLosers(bound, there);
  }

  @Override
  String claim(ClaimRequest request) {
    return request.bounded() ? claim : claimUnbounded;
  }

  @Override
  List<String> claims() {
    return moving ? List.of() : List.of(claim); // a part of a statement cannot insert twice
  }

  @Override
  int bind(PreparedStatement statement, ClaimRequest request) throws SQLException {
    bindMessage(statement, request);
    statement.setObject(7, time(request), Types.TIMESTAMP_WITH_TIMEZONE);
    statement.setObject(8, keyTime(request), Types.TIMESTAMP_WITH_TIMEZONE);
    statement.setObject(9, bucket(request), Types.DATE);
    return 10;
  }

  @Override
  String loser() {
    return loser;
  }

  @Override
  void bindLoser(PreparedStatement statement, ClaimRequest request) throws SQLException {
    bindKey(statement, request);
    statement.setObject(4, time(request), Types.TIMESTAMP_WITH_TIMEZONE);
    statement.setObject(
        5, request.bounded() ? keyTime(request) : null, Types.TIMESTAMP_WITH_TIMEZONE);
    statement.setObject(6, bucket(request), Types.DATE);
  }

  @Override
  String claimAll(ClaimArrays arrays) {
    return claimAll;
  }

  @Override
  void bindAll(Connection connection, PreparedStatement statement, ClaimArrays arrays)
      throws SQLException {
    arrays.bindMessages(connection, statement);
    arrays.bindTimes(connection, statement, 7);
    arrays.bindBuckets(connection, statement, 8);
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
    arrays.bindBuckets(connection, statement, 5);
  }

  static @Nullable OffsetDateTime keyTime(ClaimRequest request) {
    @Nullable Instant time = request.keyTime();
    return time == null ? null : time.atOffset(ZoneOffset.UTC);
  }

  static @Nullable LocalDate bucket(ClaimRequest request) {
    @Nullable Instant time = request.keyTime();
    return time == null ? null : LocalDate.ofInstant(time, ZoneOffset.UTC);
  }

  private String asked() {
    return """
        (SELECT ?::text AS tenant, %s AS consumer, ?::text AS source, ?::text AS message_id, ?::text AS subject, ?::bytea AS fingerprint,
           ?::text AS correlation_id, ?::timestamptz AS message_time, ?::timestamptz AS key_time, ?::date AS bucket)"""
        .formatted(consumer);
  }

  // Locks: the new row; waits for a transaction that inserted or deletes the same key. Index: the
  // primary keys of the bucket, of its day, and of the plain partition.
  private String insert(String bucket, String where) {
    return """
        INSERT INTO %1$s (%2$s, bucket)
        SELECT %2$s, %3$s
        FROM %4$s m
        WHERE CASE WHEN %5$s THEN %6$s END
        ON CONFLICT DO NOTHING
        RETURNING %7$s"""
        .formatted(table, COLUMNS, bucket, asked(), boundedWait(), where, PUT_BACK);
  }

  // Locks: the two new rows, the one in the bucket first; waits as above. Index: as above.
  private String move(String where, String orWithout) {
    return """
        WITH m AS MATERIALIZED %1$s,
        shadow AS (
          INSERT INTO %2$s (%3$s, bucket, state)
          SELECT %3$s, bucket, 2 FROM m
          WHERE CASE WHEN %4$s THEN %5$s END
          ON CONFLICT DO NOTHING
          RETURNING true)
        INSERT INTO %2$s (%3$s)
        SELECT %3$s FROM m
        WHERE EXISTS (SELECT FROM shadow) OR %6$s
        ON CONFLICT DO NOTHING
        RETURNING %7$s"""
        .formatted(asked(), table, COLUMNS, boundedWait(), where, orWithout, PUT_BACK);
  }

  // Locks: none. Index: as above.
  private String readLoser(String bound, String there) {
    return """
        SELECT %1$s, row.state, row.handled_at, row.fingerprint, %2$s, m.bucket IS NULL OR %3$s
        FROM (SELECT ?::text AS tenant, ?::text AS source, ?::text AS message_id, ?::timestamptz AS message_time,
                ?::timestamptz AS key_time, ?::date AS bucket) m
        LEFT JOIN LATERAL (%4$s) row ON true"""
        .formatted(PUT_BACK, bound, there, holder());
  }

  /** The row that holds a key; a shadow only where there is no other. */
  private String holder() {
    return """

          SELECT state, handled_at, fingerprint FROM %s t
          WHERE t.bucket IN (%s, m.bucket) AND t.tenant = m.tenant AND t.consumer = %s AND t.source = m.source
            AND t.message_id = m.message_id
          ORDER BY t.state = 2 LIMIT 1"""
        .formatted(table, PLAIN, consumer);
  }

  private String askedAll() {
    return """
        m AS MATERIALIZED (
          SELECT ?::text AS tenant, %s AS consumer, u.*
          FROM unnest(?::text[], ?::text[], ?::text[], ?::bytea[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::date[])
            WITH ORDINALITY AS u (source, message_id, subject, fingerprint, correlation_id, message_time, key_time, bucket, place))"""
        .formatted(consumer);
  }

  // Locks: the new rows, in the order of the arrays, which is the order of the keys; so two batches
  // cannot deadlock. Index: as above.
  private String insertAll(String where) {
    return """
        WITH %1$s
        INSERT INTO %2$s (%3$s, bucket)
        SELECT %3$s, bucket FROM m WHERE %4$s
        ORDER BY m.place
        ON CONFLICT DO NOTHING
        RETURNING source, message_id"""
        .formatted(askedAll(), table, COLUMNS, where);
  }

  // Locks: all rows in the buckets, then all in the plain partition, both in the order of the keys.
  // The sort in between reads the first insert to its end.
  private String moveAll(String where) {
    return """
        WITH %1$s,
        shadow AS (
          INSERT INTO %2$s (%3$s, bucket, state)
          SELECT %3$s, bucket, 2 FROM m WHERE %4$s
          ORDER BY m.place
          ON CONFLICT DO NOTHING
          RETURNING source, message_id)
        INSERT INTO %2$s (%3$s)
        SELECT %3$s FROM m WHERE EXISTS (SELECT FROM shadow s WHERE s.source = m.source AND s.message_id = m.message_id)
        ORDER BY m.place
        ON CONFLICT DO NOTHING
        RETURNING source, message_id"""
        .formatted(askedAll(), table, COLUMNS, where);
  }

  // Locks: none. Index: as above.
  private String readLosers(String bound, String there) {
    return """
        SELECT m.place, row.state, row.handled_at, row.fingerprint, %1$s, %2$s
        FROM (SELECT ?::text AS tenant, u.* FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[], ?::date[])
                WITH ORDINALITY AS u (source, message_id, message_time, key_time, bucket, place)) m
        LEFT JOIN LATERAL (%3$s) row ON true"""
        .formatted(bound, there, holder());
  }
}
