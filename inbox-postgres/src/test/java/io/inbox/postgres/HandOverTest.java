package io.inbox.postgres;

import io.inbox.spi.Store;
import io.inbox.testkit.HandOverContract;
import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;
import javax.sql.DataSource;

/** From module to module on PostgreSQL. */
final class HandOverTest extends HandOverContract {
  @Override
  protected Store store() {
    return PostgresStore.create();
  }

  @Override
  protected DataSource module() throws SQLException {
    return PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST)).pool(8);
  }
}
