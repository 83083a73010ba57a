package io.inbox.command.status;

import io.inbox.command.database.Query;
import io.inbox.command.output.Count;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Row counts by what PostgreSQL's planner believes: the rows of each page at the last ANALYZE,
 * times the pages of now, and the frequencies of the consumers in its sample.
 */
final class PlannerStatistics implements RowCounts {
  private static final String ROWS =
      "CASE WHEN c.reltuples < 0 THEN NULL WHEN c.relpages = 0 THEN 0"
          + " ELSE round(c.reltuples / c.relpages * (pg_relation_size(c.oid) / current_setting('block_size')::bigint)) END";

  private final Query query;
  private final Tables tables;
  private final boolean exact;

  /**
   * Asks in a transaction.
   *
   * @param exact whether to count instead, however long it takes
   */
  PlannerStatistics(Query query, Tables tables, boolean exact) {
    this.query = query;
    this.tables = tables;
    this.exact = exact;
  }

  @Override
  public Map<String, Count> keysByConsumer() throws SQLException {
    Count all = estimate("message");
    if (exact || all.value() <= COUNTED) {
      return CountedKeys.of(query, tables);
    }
    Map<String, Count> keys = new HashMap<>();
    // Locks: none. Reads the statistics of one column.
    for (Map.Entry<String, Double> share :
        query.list(
            """
            SELECT v.consumer, v.share
            FROM pg_stats s, unnest(s.most_common_vals::text::text[], s.most_common_freqs) AS v (consumer, share)
            WHERE s.schemaname = ? AND s.tablename = ? AND s.attname = 'consumer'""",
            row -> Map.entry(row.string(1), Double.valueOf(row.string(2))),
            tables.schema(),
            tables.prefix() + "message")) {
      keys.put(share.getKey(), new Count(Math.round(all.value() * share.getValue()), false));
    }
    return keys;
  }

  // Locks: none. Reads the catalogue.
  private Count estimate(String table) throws SQLException {
    return query
        .first(
            "SELECT sum("
                + ROWS
                + ") FROM pg_class c, to_regclass(?) t WHERE c.oid = t"
                + " OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = t)",
            row -> new Count(row.number(1), false),
            tables.quoted(table))
        .orElse(new Count(0, false));
  }

  @Override
  public List<Room> rooms(List<String> names) throws SQLException {
    String[] full = names.stream().map(name -> tables.prefix() + name).toArray(String[]::new);
    // Locks: none. Reads the catalogue and the statistics of the tables; partitions are added up.
    return query.list(
        """
        SELECT t.relname, sum(%s), sum(pg_total_relation_size(c.oid)), sum(s.n_dead_tup)
        FROM pg_class t
        JOIN pg_namespace n ON n.oid = t.relnamespace
        JOIN pg_class c ON c.oid = t.oid OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = t.oid)
        LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
        WHERE n.nspname = ? AND t.relname = ANY (?) AND t.relkind IN ('r', 'p')
        GROUP BY t.relname
        ORDER BY 3 DESC, 1"""
            .formatted(ROWS),
        row -> {
          String table = row.string(1).substring(tables.prefix().length());
          boolean known = row.text(2) != null;
          return new Room(
              table,
              known ? new Count(row.number(2), false) : null,
              row.nullable(3),
              row.nullable(4));
        },
        tables.schema(),
        full);
  }
}
