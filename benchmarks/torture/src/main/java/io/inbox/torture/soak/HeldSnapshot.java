package io.inbox.torture.soak;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A transaction of somebody else that was forgotten: it holds a snapshot and has an id. */
final class HeldSnapshot implements AutoCloseable {
  /** What its session is called. */
  static final String NAME = "foreign";

  private final Connection connection;
  private final long process;

  private HeldSnapshot(Connection connection, long process) {
    this.connection = connection;
    this.process = process;
  }

  static HeldSnapshot begin(DataSource dataSource) throws SQLException {
    Connection connection = dataSource.getConnection();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET application_name = '" + NAME + "'");
    }
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_current_xact_id(), pg_backend_pid()")) {
      row.next();
      return new HeldSnapshot(connection, row.getLong(2));
    }
  }

  /** Returns the id of the server process, by which the reconciler names it. */
  long process() {
    return process;
  }

  @Override
  public void close() throws SQLException {
    try (connection) {
      connection.rollback();
    }
  }
}
