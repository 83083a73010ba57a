package io.inbox.command.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * One read-only transaction that sees one state of the database, so that the numbers of a report
 * fit each other. It is always rolled back.
 */
public final class Snapshot implements AutoCloseable {
  private final Connection connection;
  private final Query query;

  private Snapshot(Connection connection, Query query) {
    this.connection = connection;
    this.query = query;
  }

  /**
   * Begins the transaction on a connection of its own.
   *
   * @param atMost how long one question may take
   * @throws io.inbox.command.CommandException if the database cannot be reached
   */
  public static Snapshot of(Target target, Duration atMost) throws SQLException {
    return of(target, atMost, "");
  }

  /**
   * Begins the transaction on a connection of its own, as one tenant where policies keep tenants
   * apart.
   */
  public static Snapshot of(Target target, Duration atMost, String tenant) throws SQLException {
    Connection connection = target.connect();
    try {
      connection.setReadOnly(true);
      connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
      connection.setAutoCommit(false);
      Query query = new Query(connection, atMost);
      if (target.postgres() && !tenant.isEmpty()) {
        // For this transaction only; without policies it changes nothing.
        query.text("SELECT set_config('inbox.tenant', ?, true)", tenant);
      }
      return new Snapshot(connection, query);
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** Returns what asks in this transaction. */
  public Query query() {
    return query;
  }

  @Override
  public void close() throws SQLException {
    try (connection) {
      connection.rollback();
    }
  }
}
