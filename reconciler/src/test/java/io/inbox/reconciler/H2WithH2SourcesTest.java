package io.inbox.reconciler;

import java.sql.SQLException;

/** {@link EffectSourcesContract} from H2 to H2. */
final class H2WithH2SourcesTest extends EffectSourcesContract {
  @Override
  Ledger open() throws SQLException {
    return Ledger.onH2();
  }

  @Override
  Ledger openElsewhere() throws SQLException {
    return Ledger.onH2();
  }
}
