package io.inbox.postgres;

import io.inbox.testkit.BucketSuite;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.TestDatabase;

/** The contract with keys in buckets, on PostgreSQL 18. */
class PostgresBucketsTest extends BucketSuite {
  private static final TestDatabase DATABASE = new BucketedDatabase(PostgresServer.NEWEST);

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }

  @Override
  protected boolean moving() {
    return false;
  }
}
