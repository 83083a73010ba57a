package io.inbox.reconciler;

import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;

/** {@link EffectSourcesContract} from H2 to PostgreSQL. */
final class H2WithPostgresSourcesTest extends EffectSourcesContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onH2();
  }

  @Override
  Ledger openElsewhere() throws SQLException {
    return Ledger.onPostgres(PostgresServer.OLDEST);
  }
}
