package io.inbox.postgres;

import io.inbox.Reason;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.Tables;
import java.time.Duration;

/**
 * The text of the claim statements of one consumer. Only validated names and numbers, and the
 * consumer as a quoted literal, are put into it; everything of a message is bound.
 *
 * <p>The single claim is one statement with these steps, in the order the executor runs them: set
 * the lock timeout for this transaction and remember the old one; insert, unless the message time
 * is out of bounds; put the old timeout back, which depends on the count of inserted rows and so
 * comes after them; if no row was inserted, read the row that holds the key, or say which bound is
 * broken. A first delivery never reads.
 */
final class ClaimSql {
  final String claim;
  final String claimAgain;
  final String claimAll;
  final String winners;

  ClaimSql(Tables tables, ClaimPolicy policy) {
    String message = tables.quoted("message");
    String consumer = "'" + policy.consumer().replace("'", "''") + "'";
    String horizon =
        "(SELECT purge_horizon FROM "
            + tables.quoted("consumer")
            + " WHERE consumer = "
            + consumer
            + ")";
    String bound =
        """
        CASE WHEN m.message_time < clock_timestamp() - %s THEN '%s'
             WHEN m.message_time > clock_timestamp() + %s THEN '%s'
             WHEN m.message_time < %s THEN '%s' END"""
            .formatted(
                interval(policy.window()),
                Reason.TOO_OLD,
                interval(policy.maxAhead()),
                Reason.TOO_FAR_AHEAD,
                horizon,
                Reason.PURGED);
    String wait =
        "SELECT current_setting('lock_timeout') AS before, set_config('lock_timeout', '"
            + policy.maxWait().toMillis()
            + "ms', true) AS during";
    // Locks: the new row; waits for a transaction that inserted or deletes the same key. Index: the
    // primary key.
    this.claim =
        """
        WITH wait AS MATERIALIZED (%1$s),
        m AS (SELECT ?::text AS tenant, ?::text AS source, ?::text AS message_id, ?::timestamptz AS message_time,
                     ?::text AS subject, ?::bytea AS fingerprint, ?::text AS correlation_id),
        won AS (
          INSERT INTO %2$s (tenant, consumer, source, message_id, message_time, subject, fingerprint, correlation_id)
          SELECT m.tenant, %3$s, m.source, m.message_id, m.message_time, m.subject, m.fingerprint, m.correlation_id
          FROM wait, m
          WHERE m.message_time IS NULL OR %4$s IS NULL
          ON CONFLICT DO NOTHING
          RETURNING 1)
        SELECT n.rows, set_config('lock_timeout', CASE WHEN n.rows >= 0 THEN wait.before END, true),
               row.state, row.handled_at, row.fingerprint,
               CASE WHEN n.rows = 0 AND m.message_time IS NOT NULL THEN %4$s END
        FROM (SELECT count(*) AS rows FROM won) n
        CROSS JOIN wait
        CROSS JOIN m
        LEFT JOIN LATERAL (
          SELECT state, handled_at, fingerprint FROM %2$s t
          WHERE n.rows = 0 AND t.tenant = m.tenant AND t.consumer = %3$s AND t.source = m.source AND t.message_id = m.message_id) row ON true"""
            .formatted(wait, message, consumer, bound);
    // The same text under another name, so that the first round keeps its prepared plan whatever
    // happens here.
    this.claimAgain = claim + " -- again";
    // Locks: the new rows, in the order of the arrays, which is the order of the keys; so two
    // batches cannot deadlock. Index: the primary key.
    this.claimAll =
        """
        WITH wait AS MATERIALIZED (%1$s),
        m AS MATERIALIZED (
          SELECT ?::text AS tenant, u.* FROM unnest(?::text[], ?::text[], ?::timestamptz[], ?::text[], ?::bytea[], ?::text[])
            WITH ORDINALITY AS u (source, message_id, message_time, subject, fingerprint, correlation_id, place)),
        won AS (
          INSERT INTO %2$s (tenant, consumer, source, message_id, message_time, subject, fingerprint, correlation_id)
          SELECT m.tenant, %3$s, m.source, m.message_id, m.message_time, m.subject, m.fingerprint, m.correlation_id
          FROM wait, m
          WHERE m.message_time IS NULL OR %4$s IS NULL
          ORDER BY m.place
          ON CONFLICT DO NOTHING
          RETURNING source, message_id),
        n AS MATERIALIZED (SELECT count(*) AS rows FROM won),
        after AS MATERIALIZED (SELECT set_config('lock_timeout', CASE WHEN n.rows >= 0 THEN wait.before END, true) FROM n, wait)
        SELECT m.place FROM after, won JOIN m ON m.source = won.source AND m.message_id = won.message_id"""
            .formatted(wait, message, consumer, bound);
    // Locks: none. Index: the primary key.
    this.winners =
        """
        SELECT m.place, row.state, row.handled_at, row.fingerprint, %4$s
        FROM (SELECT ?::text AS tenant, u.* FROM unnest(?::text[], ?::text[], ?::timestamptz[])
                WITH ORDINALITY AS u (source, message_id, message_time, place)) m
        LEFT JOIN %2$s row ON row.tenant = m.tenant AND row.consumer = %3$s AND row.source = m.source AND row.message_id = m.message_id"""
            .formatted(wait, message, consumer, bound);
  }

  private static String interval(Duration duration) {
    // As ISO 8601, in hours: before PostgreSQL 15 each field must fit into 31 bits, which a window
    // of
    // 25 days in milliseconds does not; and days would not be of equal length.
    return "interval '" + Duration.ofMillis(duration.toMillis()) + "'";
  }
}
