package io.inbox.reconciler;

import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;

/** {@link SeededDriftContract} on PostgreSQL. */
final class PostgresSeededDriftTest extends SeededDriftContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onPostgres(PostgresServer.NEWEST);
  }
}
