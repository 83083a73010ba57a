package io.inbox.postgres;

import io.inbox.testkit.BucketSuite;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.TestDatabase;
import org.junit.jupiter.api.Tag;

/** The contract with keys in buckets, on PostgreSQL 14. */
@Tag("long")
class Postgres14BucketsTest extends BucketSuite {
  private static final TestDatabase DATABASE = new BucketedDatabase(PostgresServer.OLDEST);

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }

  @Override
  protected boolean moving() {
    return false;
  }
}
