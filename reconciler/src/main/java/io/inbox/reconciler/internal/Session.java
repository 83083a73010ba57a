package io.inbox.reconciler.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection in a transaction that only reads. Its statements can be cancelled by another
 * thread, and end by themselves when the time of the run is used up. What it sets on the connection
 * is set back: a pool may have lent it.
 */
public final class Session implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.reconciler.Reconciler");

  private final Connection connection;
  private final boolean autoCommit;
  private @Nullable Integer isolationBefore;
  private volatile @Nullable PreparedStatement running;

  private Session(Connection connection) throws SQLException {
    this.connection = connection;
    this.autoCommit = connection.getAutoCommit();
  }

  /** Opens a session in which each statement sees what was committed before it. */
  public static Session open(DataSource dataSource) throws SQLException {
    return open(dataSource, false);
  }

  /** Opens a session in which all statements see the same. */
  public static Session snapshot(DataSource dataSource) throws SQLException {
    return open(dataSource, true);
  }

  private static Session open(DataSource dataSource, boolean snapshot) throws SQLException {
    Connection connection = dataSource.getConnection();
    try {
      Session session = new Session(connection);
      connection.setAutoCommit(false);
      session.restrict(snapshot);
      return session;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /**
   * Of the transaction where that can be: a pooler hands the session to somebody else. Whatever the
   * pool has set, a transaction without a snapshot sees what is committed while it goes on.
   */
  private void restrict(boolean snapshot) throws SQLException {
    if (connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "SET TRANSACTION ISOLATION LEVEL "
                + (snapshot ? "REPEATABLE READ" : "READ COMMITTED")
                + " READ ONLY");
      }
      return;
    }
    int wanted =
        snapshot ? Connection.TRANSACTION_REPEATABLE_READ : Connection.TRANSACTION_READ_COMMITTED;
    int before = connection.getTransactionIsolation();
    if (before != wanted) {
      connection.setTransactionIsolation(wanted);
      isolationBefore = before;
    }
  }

  public Connection connection() {
    return connection;
  }

  /**
   * Prepares a statement that gives up when the time is used up.
   *
   * @param timeLeft what is left of the time of the run, empty for no limit
   */
  public PreparedStatement prepare(String sql, Optional<Duration> timeLeft) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    if (timeLeft.isPresent()) {
      statement.setQueryTimeout((int) Math.max(1, Math.min(timeLeft.get().toSeconds(), 1_000_000)));
    }
    running = statement;
    return statement;
  }

  /** Cancels what is running; called by another thread. */
  public void cancel() {
    @Nullable PreparedStatement statement = running;
    if (statement != null) {
      try {
        statement.cancel();
      } catch (SQLException e) {
        LOG.debug("A statement could not be cancelled", e);
      }
    }
  }

  @Override
  public void close() throws SQLException {
    running = null;
    try (connection) {
      connection.rollback();
      if (isolationBefore != null) {
        connection.setTransactionIsolation(isolationBefore);
      }
      connection.setAutoCommit(autoCommit);
    }
  }
}
