package io.inbox.torture.worker;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Makes a handler lose a race. PostgreSQL raises the error when it is asked to; on H2 it takes a
 * real deadlock, after which the session silently goes on in another transaction. The victim is the
 * younger one of the two, so the rival's transaction begins before the handler's, on the same
 * thread.
 */
final class LostRace {
  private static final long LONGEST = TimeUnit.SECONDS.toNanos(20);

  private final DataSource dataSource;
  private final boolean postgres;

  @SuppressWarnings("ThreadLocalUsage") // one for each worker
  private final ThreadLocal<Connection> rivals = new ThreadLocal<>();

  LostRace(DataSource dataSource, boolean postgres) {
    this.dataSource = dataSource;
    this.postgres = postgres;
  }

  /** Begins the rival's transaction, before the one that is to lose. */
  void prepare() throws SQLException {
    if (!postgres) {
      Connection rival = dataSource.getConnection();
      rivals.set(rival);
      rival.setAutoCommit(false);
      touch(rival, "race");
    }
  }

  /** Ends what {@link #prepare} began, whether there was a race or not. */
  void end() {
    @Nullable Connection rival = rivals.get();
    if (rival != null) {
      rivals.remove();
      try (rival) {
        rival.rollback();
      } catch (SQLException e) {
        // It is gone, and so is its transaction.
      }
    }
  }

  /**
   * Loses.
   *
   * @param account one whose lock the connection's transaction holds
   * @throws SQLException always, the database's own error, unless there was no race
   */
  void lose(Connection connection, String account) throws SQLException {
    if (postgres) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "DO $$BEGIN RAISE EXCEPTION 'told to lose a race' USING ERRCODE = '40001'; END$$");
      }
      return;
    }
    Connection rival = rivals.get();
    CompletableFuture<Void> waiting =
        CompletableFuture.runAsync(
            () -> {
              try {
                meet(rival, account);
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
            });
    try {
      awaitWaiting();
      touch(connection, "race");
    } finally {
      waiting.handle((done, failed) -> true).join();
    }
  }

  /** Waits for the account and lets go of everything, so that the loser could go on. */
  private static void meet(Connection rival, String account) throws SQLException {
    try {
      touch(rival, account);
    } finally {
      rival.rollback();
    }
  }

  private static void touch(Connection connection, String account) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("UPDATE account SET balance = balance WHERE id = ?")) {
      statement.setString(1, account);
      statement.executeUpdate();
    }
  }

  private void awaitWaiting() throws SQLException {
    long end = System.nanoTime() + LONGEST;
    while (System.nanoTime() < end) {
      try (Connection connection = dataSource.getConnection();
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SESSIONS WHERE BLOCKER_ID IS NOT NULL"
                      + " AND EXECUTING_STATEMENT LIKE 'UPDATE account%'")) {
        row.next();
        if (row.getInt(1) > 0) {
          return;
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }
}
