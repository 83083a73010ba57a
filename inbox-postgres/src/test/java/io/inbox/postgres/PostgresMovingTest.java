package io.inbox.postgres;

import io.inbox.testkit.BucketSuite;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.TestDatabase;
import org.junit.jupiter.api.Tag;

/** The contract while consumers move into buckets, on PostgreSQL 18. */
@Tag("long")
class PostgresMovingTest extends BucketSuite {
  private static final TestDatabase DATABASE = new BucketedDatabase(PostgresServer.NEWEST);

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }

  @Override
  protected boolean moving() {
    return true;
  }
}
