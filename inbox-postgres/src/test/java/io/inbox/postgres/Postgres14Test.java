package io.inbox.postgres;

import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.StoreContract;
import io.inbox.testkit.TestDatabase;

/** The contract on PostgreSQL 14. */
class Postgres14Test extends StoreContract {
  private static final TestDatabase DATABASE = new PostgresDatabase(PostgresServer.OLDEST);

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
