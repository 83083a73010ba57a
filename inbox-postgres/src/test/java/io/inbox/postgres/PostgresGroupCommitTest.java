package io.inbox.postgres;

import io.inbox.testkit.GroupCommitSuite;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.TestDatabase;
import org.junit.jupiter.api.Tag;

/** Shared transactions on PostgreSQL 18. */
@Tag("long")
class PostgresGroupCommitTest extends GroupCommitSuite {
  private static final TestDatabase DATABASE = new PostgresDatabase(PostgresServer.NEWEST);

  @Override
  protected TestDatabase database() {
    return DATABASE;
  }
}
