package io.inbox.reconciler;

import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;

/** {@link ReconcilerContract} on PostgreSQL. */
final class PostgresReconcilerTest extends ReconcilerContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onPostgres(PostgresServer.NEWEST);
  }
}
