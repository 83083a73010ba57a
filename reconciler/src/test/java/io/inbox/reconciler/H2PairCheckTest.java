package io.inbox.reconciler;

import java.sql.SQLException;

/** {@link PairCheckContract} on H2. */
final class H2PairCheckTest extends PairCheckContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onH2();
  }
}
