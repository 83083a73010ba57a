package io.inbox.reconciler;

import java.sql.SQLException;

/** {@link PairCheckAtWorkContract} on H2. */
final class H2AtWorkTest extends PairCheckAtWorkContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onH2();
  }
}
