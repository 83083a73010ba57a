package io.inbox.samples.quickstart;

import io.inbox.samples.stage.Sql;
import io.inbox.samples.stage.Stop;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What the launcher remembers of a run in the database, so that one that was killed goes on: up to
 * which line everything is settled, a digest of the lines up to there, and how they ended. One row.
 *
 * <p>It is written after the outcomes it counts, and may be behind them: what was settled since is
 * delivered once more and recognised, as with any broker.
 */
final class RunLog implements AutoCloseable {
  static final String CONSUMER = "inbox-quickstart";
  private static final String RUN = "\"" + Books.SCHEMA + "\".\"run\"";
  private static final long LOCK = 0x1B0C5A17L;

  private final DataSource database;
  private final boolean postgres;
  private @Nullable Connection lock;

  private RunLog(DataSource database, boolean postgres) {
    this.database = database;
    this.postgres = postgres;
  }

  /**
   * Where an unfinished run stopped.
   *
   * @param task what it was doing
   * @param line up to which line every delivery is settled
   * @param digest of the lines up to there
   * @param tally how they ended
   */
  record Cursor(String task, long line, String digest, Tally tally) {}

  /** Creates the sample's tables where they are missing and keeps other launchers away. */
  static RunLog open(DataSource database, boolean postgres) throws SQLException {
    RunLog log = new RunLog(database, postgres);
    log.lock();
    Sql.inTransaction(
        database,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            Books.create(statement);
            statement.execute(
                "CREATE TABLE IF NOT EXISTS "
                    + RUN
                    + " (\"task\" VARCHAR(2000) NOT NULL, \"finished\" BOOLEAN NOT NULL, \"line\" BIGINT NOT NULL,"
                    + " \"digest\" VARCHAR(64) NOT NULL, \"handled\" BIGINT NOT NULL, \"recovered\" BIGINT NOT NULL,"
                    + " \"duplicates\" BIGINT NOT NULL, \"mismatches\" BIGINT NOT NULL, \"dead\" BIGINT NOT NULL,"
                    + " \"retries\" BIGINT NOT NULL, \"killed\" INTEGER NOT NULL)");
          }
          return log;
        });
    return log;
  }

  /**
   * A file of H2 is locked by whoever opened it; PostgreSQL takes this lock back with the
   * connection.
   */
  private void lock() throws SQLException {
    if (!postgres) {
      return;
    }
    Connection connection = database.getConnection();
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_try_advisory_lock(?)")) {
      statement.setLong(1, LOCK);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (!row.getBoolean(1)) {
          throw Stop.database("another quickstart is running on this database (let it end first)");
        }
      }
    }
    lock = connection;
  }

  /** Returns where the last run stopped, if it did not finish. */
  Optional<Cursor> unfinished() throws SQLException {
    return Sql.inTransaction(
        database,
        connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT * FROM " + RUN + " WHERE NOT \"finished\"");
              ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(cursor(row)) : Optional.empty();
          }
        });
  }

  private static Cursor cursor(ResultSet row) throws SQLException {
    Tally tally = new Tally();
    tally.handled = row.getLong("handled");
    tally.recovered = row.getLong("recovered");
    tally.duplicates = row.getLong("duplicates");
    tally.mismatches = row.getLong("mismatches");
    tally.dead = row.getLong("dead");
    tally.retries = row.getLong("retries");
    tally.killed = row.getInt("killed");
    return new Cursor(row.getString("task"), row.getLong("line"), row.getString("digest"), tally);
  }

  /** Forgets the last run, and nothing else: the sample's rows and its consumer's. */
  void startAfresh(String task) throws SQLException {
    Sql.inTransaction(
        database,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            for (String table : List.of(Books.BOOKING, Books.ACCOUNT, RUN)) {
              statement.executeUpdate("DELETE FROM " + table);
            }
            for (String table : List.of("result", "attempt", "dead_letter", "message")) {
              statement.executeUpdate(
                  "DELETE FROM "
                      + Tables.ofDefaults().quoted(table)
                      + " WHERE \"consumer\" = '"
                      + CONSUMER
                      + "'");
            }
          }
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO " + RUN + " VALUES (?, FALSE, 0, '', 0, 0, 0, 0, 0, 0, 0)")) {
            insert.setString(1, task);
            insert.executeUpdate();
          }
          return task;
        });
  }

  void save(long line, String digest, Tally tally) throws SQLException {
    Sql.inTransaction(
        database,
        connection -> {
          try (PreparedStatement update =
              connection.prepareStatement(
                  "UPDATE "
                      + RUN
                      + " SET \"line\" = ?, \"digest\" = ?, \"handled\" = ?, \"recovered\" = ?, \"duplicates\" = ?,"
                      + " \"mismatches\" = ?, \"dead\" = ?, \"retries\" = ?, \"killed\" = ?")) {
            update.setLong(1, line);
            update.setString(2, digest);
            update.setLong(3, tally.handled);
            update.setLong(4, tally.recovered);
            update.setLong(5, tally.duplicates);
            update.setLong(6, tally.mismatches);
            update.setLong(7, tally.dead);
            update.setLong(8, tally.retries);
            update.setInt(9, tally.killed);
            return update.executeUpdate();
          }
        });
  }

  void finish() throws SQLException {
    Sql.inTransaction(
        database,
        connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate("UPDATE " + RUN + " SET \"finished\" = TRUE");
          }
        });
  }

  @Override
  public void close() {
    if (lock != null) {
      try {
        lock.close();
      } catch (SQLException e) {
        // The server has taken the lock back with the connection.
      }
    }
  }
}
