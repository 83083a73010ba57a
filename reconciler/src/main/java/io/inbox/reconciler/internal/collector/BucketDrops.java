package io.inbox.reconciler.internal.collector;

import io.inbox.reconciler.internal.collector.Sweep.Swept;
import io.inbox.reconciler.internal.collector.TidRangeSql.Bound;
import io.inbox.reconciler.internal.collector.TidRangeSql.Guards;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Drops whole buckets: the partitions of days that lie before every cutoff of the consumers that
 * have buckets. No claim lets anything into them any more; a replay or a repair may, so they are
 * frozen before they are read.
 *
 * <p>A row that must be kept longer, by a hold, a retention, an open letter, or because it came
 * late, is moved into the plain partition first, where every claim looks, too.
 */
final class BucketDrops {
  /** All claims queue behind a drop that waits. */
  private static final Duration LOCK_WAIT = Duration.ofMillis(100);

  private final Tables tables;
  private final TidRangeSql sql;

  private BucketDrops(Tables tables) {
    this.tables = tables;
    this.sql = new TidRangeSql(tables);
  }

  /** Returns null if the schema has no buckets. */
  static @Nullable BucketDrops of(Database database) {
    return database.transaction(database::hasBuckets) ? new BucketDrops(database.tables()) : null;
  }

  /** Makes the buckets of the days ahead. Locks SHARE UPDATE EXCLUSIVE on message. */
  void ahead(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT " + tables.quoted("bucket_ahead") + "()");
    }
  }

  /** Returns the days that may go, oldest first. */
  List<LocalDate> due(Connection connection, Due due) throws SQLException {
    List<String> consumers = new ArrayList<>();
    List<LocalDate> days = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT consumer FROM " + tables.quoted("bucket_consumer"))) {
      while (row.next()) {
        consumers.add(row.getString(1));
      }
    }
    @Nullable OffsetDateTime before = null;
    for (String consumer : consumers) {
      @Nullable OffsetDateTime cutoff = due.cutoffs().get(consumer);
      if (cutoff == null) {
        return days; // it was registered after the run began, or it lost its registration
      }
      before = before == null || cutoff.isBefore(before) ? cutoff : before;
    }
    if (before == null) {
      return days; // then the buckets are of nobody known
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT day FROM " + tables.quoted("bucket") + " WHERE day < ? ORDER BY day")) {
      statement.setObject(1, before.atZoneSameInstant(ZoneOffset.UTC).toLocalDate());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          days.add(row.getObject(1, LocalDate.class));
        }
      }
    }
    return days;
  }

  /** Counts what {@link #drop} would remove. */
  Swept count(Connection connection, Due due, LocalDate day) throws SQLException {
    return read(connection, due, TidRangeSweep.guards(connection, sql, due), day).swept();
  }

  /**
   * Moves what must stay and drops the rest; returns nothing if the bucket is not due any more. The
   * transaction must end at once afterwards.
   *
   * @throws SQLException a lock timeout if messages are in use all the time
   */
  Optional<Swept> drop(Connection connection, Due due, LocalDate day) throws SQLException {
    if (!due(connection, due).contains(day)) {
      return Optional.empty();
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT set_config('lock_timeout', '"
                + LOCK_WAIT.toMillis()
                + "ms', true), "
                + tables.quoted("bucket_freeze")
                + "(?)")) {
      statement.setObject(1, day);
      statement.execute();
    }
    Guards guards = TidRangeSweep.guards(connection, sql, due);
    Contents contents = read(connection, due, guards, day);
    if (contents.swept().results() > 0) {
      run(connection, sql.belongings(due, guards, day, "result", "message_id"));
    }
    if (contents.swept().kept() > 0) {
      run(connection, sql.belongings(due, guards, day, "outbox_kept", "handled_id"));
    }
    if (contents.staying() > 0) {
      run(connection, sql.keepLonger(due, guards, day));
    }
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT " + tables.quoted("bucket_drop") + "(?)")) {
      statement.setObject(1, day);
      statement.execute();
    }
    return Optional.of(contents.swept());
  }

  private record Contents(Swept swept, long staying) {}

  private Contents read(Connection connection, Due due, Guards guards, LocalDate day)
      throws SQLException {
    SortedMap<String, Long> rows = new TreeMap<>();
    long staying = 0;
    long results = 0;
    long kept = 0;
    try (PreparedStatement statement =
            TidRangeSweep.prepare(connection, sql.ofBucket(due, guards, day));
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        if (row.getLong(2) > 0) {
          rows.put(row.getString(1), row.getLong(2));
        }
        staying += row.getLong(3);
        results += row.getLong(4);
        kept += row.getLong(5);
      }
    }
    return new Contents(new Swept(0, rows, results, kept, Map.of(), 0), staying);
  }

  private static void run(Connection connection, Bound bound) throws SQLException {
    try (PreparedStatement statement = TidRangeSweep.prepare(connection, bound)) {
      statement.executeUpdate();
    }
  }
}
