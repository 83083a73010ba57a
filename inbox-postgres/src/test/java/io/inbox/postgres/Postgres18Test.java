package io.inbox.postgres;

import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.StoreContract;
import io.inbox.testkit.TestDatabase;

/** The contract on PostgreSQL 18. */
class Postgres18Test extends StoreContract {
  private static final TestDatabase DATABASE = new PostgresDatabase(PostgresServer.NEWEST);

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
