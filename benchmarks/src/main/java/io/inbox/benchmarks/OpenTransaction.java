package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A transaction that stays open while others work: a snapshot that everything deleted since must be
 * kept for, and a write, so that it counts as unfinished in every snapshot taken since.
 */
final class OpenTransaction {
  private final Connection connection;

  private OpenTransaction(Connection connection) {
    this.connection = connection;
  }

  /** Makes the table it writes into. */
  static void create(DurablePostgres server) throws SQLException {
    server.execute("CREATE TABLE bystander (n integer)");
  }

  /** What it does besides. */
  interface Work {
    void on(Connection connection) throws SQLException;
  }

  static OpenTransaction begin(DurablePostgres server, Work work) throws SQLException {
    Connection connection = server.unpooled().getConnection();
    connection.setAutoCommit(false);
    connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("INSERT INTO bystander VALUES (1)");
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT backend_xid IS NOT NULL AND backend_xmin IS NOT NULL FROM pg_stat_activity"
                  + " WHERE pid = pg_backend_pid()")) {
        if (!rows.next() || !rows.getBoolean(1)) {
          throw new IllegalStateException("the open transaction holds nothing back");
        }
      }
    }
    work.on(connection);
    return new OpenTransaction(connection);
  }

  /** Rolls it back. */
  void end() throws SQLException {
    connection.rollback();
    connection.close();
  }
}
