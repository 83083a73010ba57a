package io.inbox.reconciler.internal.collector;

import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.retention.HoldRows;
import io.inbox.reconciler.internal.retention.RetentionRows;
import io.inbox.spi.SqlError;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Goes over the rows of a table of H2 in the order of their row ids: reads a piece, decides here,
 * and deletes row by row what has not changed since it was read. A place is a row id: H2 gives them
 * out in the order of the inserts, and finds them without an index of ours.
 */
final class RowIdSweep implements Sweep {
  private static final int LOCK_WAIT_MILLIS = 400;

  private final RowIdSql sql;
  private final RetentionRows retention;
  private final HoldRows holds;

  RowIdSweep(Database database) {
    this.sql = new RowIdSql(database.tables());
    this.retention = new RetentionRows(database);
    this.holds = new HoldRows(database);
  }

  @Override
  public void begin(Connection connection) {
    // No transaction has a bound of its own here; what waits for rows sets the session's and puts
    // it
    // back.
  }

  @Override
  public String layout(Connection connection, Target target) {
    return "rowid";
  }

  @Override
  public long end(Connection connection, Target target) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql.last(target))) {
      return row.next() ? row.getLong(1) + 1 : 0;
    }
  }

  @Override
  public int rowsPerPlace() {
    return 1;
  }

  @Override
  public Swept remove(Connection connection, Target target, Due due, long from, long places)
      throws SQLException {
    long before;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT LOCK_TIMEOUT()")) {
      row.next();
      before = row.getLong(1);
    }
    lockTimeout(connection, LOCK_WAIT_MILLIS);
    try {
      return sweep(connection, target, due, from, places, true);
    } finally {
      lockTimeout(connection, before);
    }
  }

  @Override
  public Swept count(Connection connection, Target target, Due due, long from, long places)
      throws SQLException {
    return sweep(connection, target, due, from, places, false);
  }

  private static void lockTimeout(Connection connection, long millis) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCK_TIMEOUT " + millis);
    }
  }

  private Swept sweep(
      Connection connection, Target target, Due due, long from, long places, boolean remove)
      throws SQLException {
    Verdicts verdicts =
        new Verdicts(target, due, retention.ofTenants(connection), holds.list(connection, false));
    List<Candidate> piece = read(connection, target, from, places);
    SortedMap<String, Long> rows = new TreeMap<>();
    Map<String, Long> unregistered = new TreeMap<>();
    long results = 0;
    long kept = 0;
    long skipped;
    try (Removal removal = new Removal(connection, sql, target, remove)) {
      for (Candidate row : piece) {
        if (verdicts.isUnregistered(row)) {
          unregistered.merge(String.valueOf(row.consumer), 1L, Long::sum);
        } else if (verdicts.isDue(row) && removal.isFree(row) && removal.take(row)) {
          rows.merge(row.consumer == null ? "" : row.consumer, 1L, Long::sum);
          results += removal.results(row);
          kept += removal.kept(row);
        }
      }
      skipped = removal.skipped;
    }
    long next = piece.size() < places ? Long.MAX_VALUE : piece.get(piece.size() - 1).place + 1;
    return new Swept(next, rows, results, kept, unregistered, skipped);
  }

  private List<Candidate> read(Connection connection, Target target, long from, long places)
      throws SQLException {
    List<Candidate> piece = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql.read(target))) {
      statement.setLong(1, from);
      statement.setLong(2, places);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          piece.add(Candidate.read(row));
        }
      }
    }
    return piece;
  }

  /** The statements for single rows, prepared once for a piece. */
  private static final class Removal implements AutoCloseable {
    private final boolean remove;
    private final PreparedStatement delete;
    private final @Nullable PreparedStatement obstacle;
    private final @Nullable PreparedStatement results;
    private final @Nullable PreparedStatement kept;
    private long skipped;

    Removal(Connection connection, RowIdSql sql, Target target, boolean remove)
        throws SQLException {
      this.remove = remove;
      this.delete = connection.prepareStatement(sql.delete(target));
      boolean message = target == Target.MESSAGE;
      this.obstacle =
          message || target == Target.ATTEMPT
              ? connection.prepareStatement(sql.obstacle(target))
              : null;
      this.results = message ? belongings(connection, sql, "result", remove) : null;
      this.kept = message ? belongings(connection, sql, "outbox_kept", remove) : null;
    }

    private static @Nullable PreparedStatement belongings(
        Connection connection, RowIdSql sql, String table, boolean remove) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet any = statement.executeQuery(sql.any(table))) {
        return any.next() ? connection.prepareStatement(sql.belongings(table, remove)) : null;
      }
    }

    boolean isFree(Candidate row) throws SQLException {
      if (obstacle == null) {
        return true;
      }
      row.bindKey(obstacle);
      try (ResultSet found = obstacle.executeQuery()) {
        return !found.next();
      }
    }

    /** An error undoes the statement and not the transaction, so that a locked row is left out. */
    boolean take(Candidate row) throws SQLException {
      if (!remove) {
        return true;
      }
      delete.setLong(1, row.place);
      delete.setObject(2, row.since);
      try {
        return delete.executeUpdate() == 1;
      } catch (SQLException e) {
        if (SqlError.of(e) != SqlError.LOCK_TIMEOUT) {
          throw e;
        }
        skipped++;
        return false;
      }
    }

    long results(Candidate row) throws SQLException {
      return count(results, row);
    }

    long kept(Candidate row) throws SQLException {
      return count(kept, row);
    }

    private long count(@Nullable PreparedStatement statement, Candidate row) throws SQLException {
      if (statement == null) {
        return 0;
      }
      row.bindKey(statement);
      if (remove) {
        return statement.executeUpdate();
      }
      try (ResultSet count = statement.executeQuery()) {
        return count.next() ? count.getLong(1) : 0;
      }
    }

    @Override
    public void close() throws SQLException {
      for (@Nullable PreparedStatement statement :
          new @Nullable PreparedStatement[] {delete, obstacle, results, kept}) {
        if (statement != null) {
          statement.close();
        }
      }
    }
  }
}
