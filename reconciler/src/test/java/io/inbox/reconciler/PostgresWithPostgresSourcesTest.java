package io.inbox.reconciler;

import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;

/** {@link EffectSourcesContract} from PostgreSQL to PostgreSQL. */
final class PostgresWithPostgresSourcesTest extends EffectSourcesContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onPostgres(PostgresServer.NEWEST);
  }

  @Override
  Ledger openElsewhere() throws SQLException {
    return Ledger.onPostgres(PostgresServer.OLDEST);
  }
}
