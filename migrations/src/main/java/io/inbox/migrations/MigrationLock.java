package io.inbox.migrations;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * Lets one node migrate at a time: a lock that lives in a transaction on a connection of its own,
 * so that the database releases it when the node dies.
 *
 * <p>Flyway has a lock too, but only once its history table exists and, on H2, has a row; two nodes
 * meeting an empty database both start. And what schema_version says must not change between
 * reading it and running Flyway.
 */
final class MigrationLock implements AutoCloseable {
  /**
   * Exists on H2 only, which has neither advisory locks nor LOCK TABLE. Always empty for everybody
   * but the holder.
   */
  static final String H2_TABLE = "migration_lock";

  private static final String LOCK_TIMEOUT_POSTGRESQL = "55P03";
  private static final String LOCK_TIMEOUT_H2 = "HYT00";
  private static final String DEADLOCK = "40001";
  private static final String DUPLICATE_KEY = "23505";

  /** The schema and the table can each be lost once; the rest is for what H2 may think of next. */
  private static final int RACES = 5;

  private final Connection connection;
  private final boolean autoCommit;
  private final int isolation;

  private MigrationLock(Connection connection) throws SQLException {
    this.connection = connection;
    this.autoCommit = connection.getAutoCommit();
    this.isolation = connection.getTransactionIsolation();
  }

  static MigrationLock acquire(DataSource dataSource, Database database, Names names, Duration wait)
      throws SQLException {
    if (database == Database.H2) {
      createTable(dataSource, names, deadline(wait));
    }
    MigrationLock lock = new MigrationLock(dataSource.getConnection());
    try {
      lock.begin();
      switch (database) {
        case POSTGRESQL -> lock.lockPostgres(names, wait);
        case H2 -> lock.lockH2(names, wait);
      }
      return lock;
    } catch (SQLException | RuntimeException e) {
      try {
        lock.close();
      } catch (SQLException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /**
   * The connection that holds the lock. It reads what others have committed; nobody may end its
   * transaction.
   */
  Connection connection() {
    return connection;
  }

  private void begin() throws SQLException {
    // At a higher level the connection would not see the versions that Flyway commits on its own.
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    connection.setAutoCommit(false);
  }

  private void lockPostgres(Names names, Duration wait) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = " + wait.toMillis());
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(?, 0))")) {
      statement.setString(1, "io.inbox.migrations " + names.quoted(""));
      statement.execute();
    } catch (SQLException e) {
      if (LOCK_TIMEOUT_POSTGRESQL.equals(e.getSQLState())) {
        throw tookTooLong(names, wait, e);
      }
      throw e;
    }
  }

  /**
   * The insert of a row that another transaction has inserted waits for the end of that
   * transaction.
   */
  private void lockH2(Names names, Duration wait) throws SQLException {
    if (!SchemaVersion.exists(connection, names, H2_TABLE)) {
      throw new MigrationException(
          "IBX-506",
          "the in-memory H2 database was dropped when its last connection was closed, with everything in it; add"
              + " ;DB_CLOSE_DELAY=-1 to its URL");
    }
    long deadline = deadline(wait);
    String sql = "INSERT INTO " + names.quoted(H2_TABLE) + " (\"id\") VALUES (1)";
    while (true) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
        return;
      } catch (SQLException e) {
        if (!isContention(e)) {
          throw e;
        }
        if (System.nanoTime() - deadline > 0) {
          throw tookTooLong(names, wait, e);
        }
      }
    }
  }

  private static void createTable(DataSource dataSource, Names names, long deadline)
      throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      int races = 0;
      while (true) {
        try {
          if (!SchemaVersion.exists(connection, names, H2_TABLE)) {
            statement.execute("CREATE SCHEMA IF NOT EXISTS \"" + names.schema() + "\"");
            statement.execute(
                "CREATE TABLE IF NOT EXISTS "
                    + names.quoted(H2_TABLE)
                    + " (\"id\" INTEGER NOT NULL PRIMARY KEY)");
          }
          return;
        } catch (SQLException e) {
          // H2 looks at IF NOT EXISTS before it locks the catalogue. Who loses that race gets one
          // of several errors, the
          // general 50000 among them, and finds the object when it looks again.
          boolean again = isContention(e) || ++races <= RACES;
          if (!again || System.nanoTime() - deadline > 0) {
            throw e;
          }
        }
      }
    }
  }

  private static boolean isContention(SQLException e) {
    return LOCK_TIMEOUT_H2.equals(e.getSQLState())
        || DEADLOCK.equals(e.getSQLState())
        || DUPLICATE_KEY.equals(e.getSQLState());
  }

  private static long deadline(Duration wait) {
    return System.nanoTime() + wait.toNanos();
  }

  private static MigrationException tookTooLong(Names names, Duration wait, SQLException cause) {
    return new MigrationException(
        "IBX-522",
        "another node has been migrating schema \"%s\" for more than %s; see what it is doing, then start this node again, or raise waitAtMost"
            .formatted(names.schema(), wait),
        cause);
  }

  @Override
  public void close() throws SQLException {
    try (connection) {
      connection.rollback();
      connection.setAutoCommit(autoCommit);
      connection.setTransactionIsolation(isolation);
    }
  }
}
