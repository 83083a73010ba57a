package io.inbox.postgres;

import io.inbox.Reason;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Tables;
import java.math.BigDecimal;
import java.time.Duration;

/**
 * The text of the claim statements of one consumer. Only validated names and numbers, and the
 * consumer as a quoted literal, are put into it; everything of a message is bound.
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
 * sometimes a null of unknown type makes the driver prepare anew.
 */
final class ClaimSql {
  private static final String REMEMBERED = "'inbox.lock_timeout'";
  private static final String PUT_BACK =
      "set_config('lock_timeout', current_setting(" + REMEMBERED + "), true)";

  private final String table;
  private final String consumer;
  private final String bound;
  private final long waitMillis;

  final String claim;
  final String claimTimed;
  final String loser;
  final String claimAll;
  final String claimAllTimed;
  final String losers;

  ClaimSql(Tables tables, ClaimPolicy policy) {
    this.table = tables.quoted("message");
    this.consumer = "'" + policy.consumer().replace("'", "''") + "'";
    this.bound = bound(tables, policy);
    this.waitMillis = policy.maxWait().toMillis();
    this.claim = claim(false);
    this.claimTimed = claim(true);
    this.loser = loser();
    this.claimAll = claimAll(false);
    this.claimAllTimed = claimAll(true);
    this.losers = losers();
  }

  private String bound(Tables tables, ClaimPolicy policy) {
    return """
        CASE WHEN m.message_time < clock_timestamp() - %s THEN '%s'
             WHEN m.message_time > clock_timestamp() + %s THEN '%s'
             WHEN m.message_time < (SELECT purge_horizon FROM %s WHERE consumer = %s) THEN '%s' END"""
        .formatted(
            interval(policy.window()),
            Reason.TOO_OLD,
            interval(policy.maxAhead()),
            Reason.TOO_FAR_AHEAD,
            tables.quoted("consumer"),
            consumer,
            Reason.PURGED);
  }

  // Locks: the new row; waits for a transaction that inserted or deletes the same key. Index: the
  // primary key.
  private String claim(boolean timed) {
    // One expression, so that its parts run in this order.
    String bounded =
        "set_config('lock_timeout', CASE WHEN set_config(%s, current_setting('lock_timeout'), true) IS NOT NULL THEN '%dms' END, true) IS NOT NULL"
            .formatted(REMEMBERED, waitMillis);
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
            timed ? "CASE WHEN " + bounded + " THEN " + bound + " IS NULL END" : bounded,
            PUT_BACK);
  }

  // Locks: none. Index: the primary key. The server keeps one plan for all executions, made perhaps
  // while the table was empty: LIMIT keeps the look-up from becoming a join that reads every row.
  private String loser() {
    return """
        SELECT %1$s, row.state, row.handled_at, row.fingerprint, %2$s
        FROM (SELECT ?::text AS tenant, ?::text AS source, ?::text AS message_id, ?::timestamptz AS message_time) m
        LEFT JOIN LATERAL (
          SELECT state, handled_at, fingerprint FROM %3$s t
          WHERE t.tenant = m.tenant AND t.consumer = %4$s AND t.source = m.source AND t.message_id = m.message_id
          LIMIT 1) row ON true"""
        .formatted(PUT_BACK, bound, table, consumer);
  }

  // Locks: the new rows, in the order of the arrays, which is the order of the keys; so two batches
  // cannot deadlock. Index: the primary key. The timeout is put back after the count of the
  // inserted rows is known, so after the last of them; a row of nulls comes if there is none.
  private String claimAll(boolean timed) {
    return """
        WITH wait AS MATERIALIZED (
          SELECT current_setting('lock_timeout') AS before, set_config('lock_timeout', '%1$dms', true) AS during),
        won AS (
          INSERT INTO %2$s (tenant, consumer, source, message_id, subject, fingerprint, correlation_id%3$s)
          SELECT ?::text, %4$s, m.source, m.message_id, m.subject, m.fingerprint, m.correlation_id%5$s
          FROM wait, unnest(?::text[], ?::text[], ?::text[], ?::bytea[], ?::text[]%6$s)
            WITH ORDINALITY AS m (source, message_id, subject, fingerprint, correlation_id%3$s, place)
          WHERE %7$s
          ORDER BY m.place
          ON CONFLICT DO NOTHING
          RETURNING source, message_id),
        n AS MATERIALIZED (SELECT count(*) AS rows FROM won),
        after AS MATERIALIZED (
          SELECT set_config('lock_timeout', CASE WHEN n.rows >= 0 THEN wait.before END, true) FROM n, wait)
        SELECT won.source, won.message_id FROM after LEFT JOIN won ON true"""
        .formatted(
            waitMillis,
            table,
            timed ? ", message_time" : "",
            consumer,
            timed ? ", m.message_time" : "",
            timed ? ", ?::timestamptz[]" : "",
            timed ? bound + " IS NULL" : "true");
  }

  // Locks: none. Index: the primary key. The LIMIT keeps the planner, which does not know how many
  // keys will come, from reading the whole table to join it.
  private String losers() {
    return """
        SELECT m.place, row.state, row.handled_at, row.fingerprint, %1$s
        FROM (SELECT ?::text AS tenant, u.* FROM unnest(?::text[], ?::text[], ?::timestamptz[])
                WITH ORDINALITY AS u (source, message_id, message_time, place)) m
        LEFT JOIN LATERAL (
          SELECT state, handled_at, fingerprint FROM %2$s t
          WHERE t.tenant = m.tenant AND t.consumer = %3$s AND t.source = m.source AND t.message_id = m.message_id
          LIMIT 1) row ON true"""
        .formatted(bound, table, consumer);
  }

  private static String interval(Duration duration) {
    // Not milliseconds in a literal: PostgreSQL 14 reads those as 32 bits.
    return "make_interval(secs => " + BigDecimal.valueOf(duration.toMillis(), 3) + ")";
  }
}
