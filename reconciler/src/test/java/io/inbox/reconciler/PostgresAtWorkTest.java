package io.inbox.reconciler;

import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;

/** {@link PairCheckAtWorkContract} on PostgreSQL. */
final class PostgresAtWorkTest extends PairCheckAtWorkContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onPostgres(PostgresServer.NEWEST);
  }
}
