package io.inbox.testkit;

import io.inbox.spi.Store;
import io.inbox.spi.Tables;
import io.inbox.spi.Transactions;
import java.time.Duration;
import javax.sql.DataSource;

/** What another database is, for inboxes with other options. */
abstract class ForwardingDatabase extends TestDatabase {
  private final TestDatabase database;

  ForwardingDatabase(TestDatabase database) {
    this.database = database;
  }

  @Override
  protected DataSource migrated() {
    return database.migrated();
  }

  @Override
  protected Store store(Tables tables) {
    return database.store(tables);
  }

  @Override
  protected Transactions transactions(DataSource connections) {
    return database.transactions(connections);
  }

  @Override
  protected boolean failedStatementEndsTransaction() {
    return database.failedStatementEndsTransaction();
  }

  @Override
  protected boolean goesOnInAnotherTransaction() {
    return database.goesOnInAnotherTransaction();
  }

  @Override
  protected boolean lastWaiterIsDeadlockVictim() {
    return database.lastWaiterIsDeadlockVictim();
  }

  @Override
  protected String lockWaitQuery() {
    return database.lockWaitQuery();
  }

  @Override
  protected String lockWaitStatement(Duration wait) {
    return database.lockWaitStatement(wait);
  }

  @Override
  protected String waitingSessionsQuery() {
    return database.waitingSessionsQuery();
  }
}
