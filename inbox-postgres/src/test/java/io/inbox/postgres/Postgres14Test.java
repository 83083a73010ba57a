package io.inbox.postgres;

import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.StoreContract;
import io.inbox.testkit.TestDatabase;
import org.junit.jupiter.api.Tag;

/** The contract on PostgreSQL 14. */
@Tag("long")
class Postgres14Test extends StoreContract {
  private static final TestDatabase DATABASE = new PostgresDatabase(PostgresServer.OLDEST);

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
