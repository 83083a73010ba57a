package io.inbox.testkit;

import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.spi.Store;
import io.inbox.spi.Tables;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/** H2 by URL. */
class H2Database extends TestDatabase {
  private final String url;

  H2Database(String url) {
    this.url = url;
  }

  /** Returns the URL of a fresh database in memory. */
  static String inMemory(String options) {
    return "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1" + options;
  }

  /** Returns the URL of a fresh database in a file. */
  static String inFile(String options) {
    return "jdbc:h2:./target/h2/" + UUID.randomUUID() + options;
  }

  @Override
  protected DataSource migrated() {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL(url);
    InboxMigrations.on(source).migrate();
    return source;
  }

  @Override
  protected Store store(Tables tables) {
    return PortableStore.create(tables);
  }

  @Override
  protected boolean failedStatementEndsTransaction() {
    return false;
  }

  @Override
  protected boolean goesOnInAnotherTransaction() {
    return true;
  }

  @Override
  protected boolean lastWaiterIsDeadlockVictim() {
    return true;
  }

  @Override
  protected String lockWaitQuery() {
    return "SELECT LOCK_TIMEOUT()";
  }

  @Override
  protected String lockWaitStatement(Duration wait) {
    return "SET LOCK_TIMEOUT " + wait.toMillis();
  }

  @Override
  protected String waitingSessionsQuery() {
    // H2 names no blocker while an insert waits for a key: then the statement just goes on.
    return "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SESSIONS WHERE BLOCKER_ID IS NOT NULL"
        + " OR LOWER(EXECUTING_STATEMENT) LIKE 'insert%' OR LOWER(EXECUTING_STATEMENT) LIKE 'update%'";
  }
}
