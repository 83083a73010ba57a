package io.inbox.reconciler;

import java.sql.SQLException;

/** {@link SeededDriftContract} on H2. */
final class H2SeededDriftTest extends SeededDriftContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onH2();
  }
}
