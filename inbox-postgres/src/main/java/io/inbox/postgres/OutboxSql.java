package io.inbox.postgres;

import io.inbox.spi.OutboxStatements.Row;
import io.inbox.spi.Tables;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * The statements of the outbox as text, for one set of tables. Each stands beside the lock it takes
 * and the index it uses.
 */
final class OutboxSql {
  final String table;
  final String slotTable;
  final String channel;
  final String slots;
  final String read;
  final String readWithoutTopics;
  final String any;
  final String readWhole;
  final String newest;
  final String delete;
  final String appenders;

  OutboxSql(Tables tables) {
    this.table = tables.quoted("outbox");
    this.slotTable = tables.quoted("outbox_slot");
    // A name of 63 bytes at most, whatever the names of schema and prefix are.
    this.channel =
        "inbox_outbox_"
            + UUID.nameUUIDFromBytes(table.getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "");
    this.slots =
        """
        SELECT (SELECT count(*) FROM %s),
          (SELECT seqcache FROM pg_catalog.pg_sequence
            WHERE seqrelid = pg_catalog.pg_get_serial_sequence('%s', 'id')::regclass)
        """
            .formatted(slotTable, table);
    String columns =
        """
        SELECT o."slot", o."id", o."appended_at", o."message_id", o."tenant", o."topic", o."key", o."headers",
          CASE WHEN octet_length(o."payload") <= %d THEN o."payload" END, coalesce(octet_length(o."payload"), -1),
          o."correlation_id", o."causation_id"
        """;
    String inline = columns.formatted(Row.INLINE_BYTES);
    // The statistics say that an outbox is all but empty, whatever has come since they were made:
    // planned by them, a slot would be fetched as a whole and sorted. Only the primary key gives
    // the oldest rows without that, so it is what is left to choose.
    String indexed = "SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off; ";
    this.read = indexed + inline + oldest("");
    this.readWithoutTopics = indexed + inline + oldest("AND r.\"topic\" <> ALL (?::text[])");
    // The primary key, one look for each slot.
    this.any =
        """
        SELECT EXISTS (
          SELECT 1 FROM unnest(?::smallint[], ?::bigint[]) AS s (slot, after)
          CROSS JOIN LATERAL (SELECT 1 FROM %s r WHERE r."slot" = s.slot AND r."id" > s.after LIMIT 1) o)
        """
            .formatted(table);
    // The primary key backwards, one row for each slot.
    this.newest =
        """
        SELECT max(o."id") FROM unnest(?::smallint[], ?::bigint[]) AS s (slot, after)
        CROSS JOIN LATERAL (
          SELECT r."id" FROM %s r WHERE r."slot" = s.slot AND r."id" > s.after ORDER BY r."id" DESC LIMIT 1) o
        """
            .formatted(table);
    this.readWhole =
        columns.formatted(Integer.MAX_VALUE)
            + "FROM "
            + table
            + " o WHERE o.\"slot\" = ? AND o.\"id\" = ?";
    // FOR SHARE on the slots makes whoever takes one over wait for this deletion; in order, as all
    // who lock several slots do. The rows are found slot by slot through the primary key, between
    // the lowest and the highest id, and deleted by their places. Joined to the ids they would be
    // the outer side of the join, all of the backlog, wherever the statistics say that there is
    // none; OFFSET keeps the look-up from becoming a join. Each list of ids is read from text once.
    this.delete =
        """
        WITH mine AS MATERIALIZED (
          SELECT s."slot" FROM %s s
          JOIN unnest(?::smallint[], ?::bigint[]) AS e (slot, epoch) ON e.slot = s."slot" AND e.epoch = s."epoch"
          WHERE s."owner" = ? ORDER BY s."slot" FOR SHARE OF s),
        doomed AS MATERIALIZED (
          SELECT d.slot, d.low, d.high, d.ids::bigint[] AS ids
          FROM unnest(?::smallint[], ?::bigint[], ?::bigint[], ?::text[]) AS d (slot, low, high, ids)
          JOIN mine m ON m."slot" = d.slot)
        DELETE FROM %s WHERE ctid = ANY (ARRAY(
          SELECT o.place FROM doomed d CROSS JOIN LATERAL (
            SELECT r.ctid AS place FROM %s r
            WHERE r."slot" = d.slot AND r."id" BETWEEN d.low AND d.high AND r."id" = ANY (d.ids) OFFSET 0) o))
        """
            .formatted(slotTable, table, table);
    // An INSERT holds this lock from before it draws its ids until its transaction ends. PREPARE
    // TRANSACTION hands it on to a transaction of another name, which no process runs.
    this.appenders =
        """
        SELECT l.virtualtransaction, l.pid IS NULL FROM pg_catalog.pg_locks l
        WHERE l.locktype = 'relation' AND l.relation = '%s'::regclass
          AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
          AND l.mode = 'RowExclusiveLock' AND l.granted AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
        """
            .formatted(table);
  }

  /**
   * No lock. The primary key gives each slot's rows in order, from its bound on; none of a slot
   * that belongs to another relay in the same snapshot, which may have moved rows of blocked keys
   * away.
   */
  private String oldest(String condition) {
    String text =
        """
        FROM unnest(?::smallint[], ?::bigint[], ?::bigint[]) AS s (slot, epoch, after)
        JOIN %s h ON h."slot" = s.slot AND h."epoch" = s.epoch AND h."owner" = ?
        CROSS JOIN LATERAL (
          SELECT * FROM %s r WHERE r."slot" = s.slot AND r."id" > s.after %s ORDER BY r."id" LIMIT ?) o
        """;
    return text.formatted(slotTable, table, condition);
  }
}
