package io.inbox.testkit;

import io.inbox.GroupCommit;
import io.inbox.Inbox;
import io.inbox.spi.Store;
import io.inbox.spi.Tables;
import io.inbox.spi.Transactions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

/** A database whose inboxes let concurrent calls share transactions. */
final class SharingDatabase extends TestDatabase {
  private static final Map<TestDatabase, SharingDatabase> ALL = new ConcurrentHashMap<>();

  private final TestDatabase database;

  /** Returns the one that belongs to a database, so that its classes share a pool. */
  static SharingDatabase on(TestDatabase database) {
    return ALL.computeIfAbsent(database, SharingDatabase::new);
  }

  private SharingDatabase(TestDatabase database) {
    this.database = database;
  }

  @Override
  Inbox.Builder options(Inbox.Builder builder) {
    return builder.groupCommit(GroupCommit.ofDefaults());
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
