package io.inbox.reconciler;

import java.sql.SQLException;

/** {@link ReconcilerContract} on H2. */
final class H2ReconcilerTest extends ReconcilerContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onH2();
  }
}
