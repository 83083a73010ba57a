package io.inbox.postgres;

import io.inbox.migrations.InboxMigrations;
import io.inbox.spi.Store;
import io.inbox.spi.Tables;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.TestDatabase;
import java.time.Duration;
import javax.sql.DataSource;

/** A database of its own on the shared server of one version. */
class PostgresDatabase extends TestDatabase {
  private final int version;

  PostgresDatabase(int version) {
    this.version = version;
  }

  @Override
  protected DataSource migrated() {
    PostgresServer server = PostgresServer.shared(version);
    DataSource source = server.connections(server.newDatabase());
    InboxMigrations.on(source).migrate();
    return source;
  }

  @Override
  protected Store store(Tables tables) {
    return PostgresStore.builder().tables(tables).build();
  }

  @Override
  protected boolean failedStatementEndsTransaction() {
    return true;
  }

  @Override
  protected boolean goesOnInAnotherTransaction() {
    return false;
  }

  @Override
  protected boolean lastWaiterIsDeadlockVictim() {
    return false;
  }

  @Override
  protected String lockWaitQuery() {
    return "SELECT current_setting('lock_timeout')";
  }

  @Override
  protected String lockWaitStatement(Duration wait) {
    return "SET lock_timeout = " + wait.toMillis();
  }

  @Override
  protected String waitingSessionsQuery() {
    return "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  }
}
