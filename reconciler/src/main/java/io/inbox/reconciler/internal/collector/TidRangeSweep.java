package io.inbox.reconciler.internal.collector;

import io.inbox.reconciler.internal.collector.TidRangeSql.Bound;
import io.inbox.reconciler.internal.collector.TidRangeSql.Guards;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Goes over the pages of a table of PostgreSQL, a range of them at a time: a place is a page. Reads
 * each page once, in the order of the disk, and finds every row that was there when the table's end
 * was looked up: rows move only when they are updated, to be handled again, and then they are not
 * due.
 */
final class TidRangeSweep implements Sweep {
  /** Shorter than deadlock_timeout: before PostgreSQL looks for a victim, this one has given up. */
  private static final Duration LOCK_WAIT = Duration.ofMillis(400);

  private static final int ROWS_PER_PAGE = 100;

  private final Tables tables;
  private final TidRangeSql sql;
  private final Duration idle;

  /**
   * Creates the sweep.
   *
   * @param idle after which time the server ends a transaction whose process stands still
   */
  TidRangeSweep(Tables tables, Duration idle) {
    this.tables = tables;
    this.sql = new TidRangeSql(tables);
    this.idle = idle;
  }

  /**
   * Bounds the waits. A process that stands still in the middle of a batch would hold back whoever
   * takes over, and redeliveries of its keys; the server ends it. Plans are made for the values:
   * those for unknown ones may read other pages than the range.
   */
  @Override
  public void begin(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT set_config('lock_timeout', '%dms', true), set_config('idle_in_transaction_session_timeout', '%dms', true), set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)"
              .formatted(LOCK_WAIT.toMillis(), idle.toMillis()));
    }
  }

  @Override
  public String layout(Connection connection, Target target) throws SQLException {
    return text(connection, "SELECT pg_catalog.pg_relation_filenode(%s)::text", target);
  }

  @Override
  public long end(Connection connection, Target target) throws SQLException {
    return Long.parseLong(
        text(
            connection,
            "SELECT (pg_catalog.pg_relation_size(%s) / current_setting('block_size')::bigint)::text",
            target));
  }

  @Override
  public int rowsPerPlace() {
    return ROWS_PER_PAGE;
  }

  private String text(Connection connection, String query, Target target) throws SQLException {
    String swept =
        target == Target.MESSAGE
            ? "coalesce(pg_catalog.to_regclass('%s'), ?::regclass)"
                .formatted(tables.quoted(TidRangeSql.PLAIN))
            : "?::regclass";
    try (PreparedStatement statement = connection.prepareStatement(query.formatted(swept))) {
      statement.setString(1, tables.quoted(target.table()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  @Override
  public Swept remove(Connection connection, Target target, Due due, long from, long places)
      throws SQLException {
    Guards guards = guards(connection, due);
    long to = from + places;
    Bound statement = sql.remove(target, due, guards, from, to);
    return swept(connection, target, due, guards, statement, from, to);
  }

  @Override
  public Swept count(Connection connection, Target target, Due due, long from, long places)
      throws SQLException {
    Guards guards = guards(connection, due);
    long to = from + places;
    Bound statement = sql.count(target, due, guards, from, to);
    return swept(connection, target, due, guards, statement, from, to);
  }

  private Guards guards(Connection connection, Due due) throws SQLException {
    return guards(connection, sql, due);
  }

  static Guards guards(Connection connection, TidRangeSql sql, Due due) throws SQLException {
    try (PreparedStatement statement = prepare(connection, sql.guards(due));
        ResultSet row = statement.executeQuery()) {
      row.next();
      return new Guards(
          row.getBoolean(1),
          row.getBoolean(2),
          row.getBoolean(3),
          row.getBoolean(4),
          row.getBoolean(5),
          row.getBoolean(6),
          row.getBoolean(7),
          row.getBoolean(8));
    }
  }

  private Swept swept(
      Connection connection,
      Target target,
      Due due,
      Guards guards,
      Bound statement,
      long from,
      long to)
      throws SQLException {
    SortedMap<String, Long> rows = new TreeMap<>();
    long results = 0;
    long kept = 0;
    try (PreparedStatement prepared = prepare(connection, statement);
        ResultSet row = prepared.executeQuery()) {
      while (row.next()) {
        rows.put(row.getString(1), row.getLong(2));
        results += row.getLong(3);
        kept += row.getLong(4);
      }
    }
    Map<String, Long> unregistered =
        target == Target.MESSAGE
            ? unregistered(connection, sql.unregistered(target, due, guards, from, to))
            : Map.of();
    return new Swept(to, rows, results, kept, unregistered, 0);
  }

  private static Map<String, Long> unregistered(Connection connection, Bound bound)
      throws SQLException {
    Map<String, Long> rows = new TreeMap<>();
    try (PreparedStatement statement = prepare(connection, bound);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        rows.put(row.getString(1), row.getLong(2));
      }
    }
    return rows;
  }

  static PreparedStatement prepare(Connection connection, Bound bound) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(bound.text());
    try {
      List<Object> values = bound.values();
      for (int i = 0; i < values.size(); i++) {
        bind(connection, statement, i + 1, values.get(i));
      }
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  private static void bind(
      Connection connection, PreparedStatement statement, int place, Object value)
      throws SQLException {
    if (value instanceof String[] texts) {
      statement.setArray(place, connection.createArrayOf("text", texts));
    } else if (value instanceof OffsetDateTime[] times) {
      // Of the type that is compared: a cast would be made again for each row.
      Object[] texts = Arrays.stream(times).map(String::valueOf).toArray();
      statement.setArray(place, connection.createArrayOf("timestamptz", texts));
    } else {
      statement.setObject(place, value);
    }
  }
}
