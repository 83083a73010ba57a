package io.inbox.reconciler;

import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;

/** {@link PairCheckContract} on PostgreSQL. */
final class PostgresPairCheckTest extends PairCheckContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onPostgres(PostgresServer.NEWEST);
  }
}
