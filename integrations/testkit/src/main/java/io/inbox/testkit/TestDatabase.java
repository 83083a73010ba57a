package io.inbox.testkit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.spi.Store;
import io.inbox.spi.Tables;
import io.inbox.spi.Transactions;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What the contract must know about one database, and what it runs on. One instance serves all
 * tests of a class; keep it in a static field.
 *
 * <p>The suite asks, it never guesses from a product name: a wrong answer fails the test that
 * depends on it.
 */
public abstract class TestDatabase {
  private static final int CONNECTIONS = 12;

  private @Nullable HikariDataSource pool;

  /** Creates a database for tests; nothing is connected before the first test. */
  protected TestDatabase() {}

  /**
   * Returns connections, not pooled, to a database of its own in which the schema of Inbox was
   * migrated to the default tables. Called once.
   */
  protected abstract DataSource migrated();

  /** Returns the store under test for these tables. */
  protected abstract Store store(Tables tables);

  /** Returns the transactions under test. Default: plain JDBC. */
  protected Transactions transactions(DataSource connections) {
    return JdbcTransactions.on(connections);
  }

  /** Returns a builder with the options that every inbox of the suite has. Default: as it is. */
  Inbox.Builder options(Inbox.Builder builder) {
    return builder;
  }

  /** Returns whether a transaction can only roll back after one of its statements failed. */
  protected abstract boolean failedStatementEndsTransaction();

  /**
   * Returns whether DDL ends the transaction, and a deadlock's victim silently goes on in another
   * one.
   */
  protected abstract boolean goesOnInAnotherTransaction();

  /**
   * Returns whether the one who closes the circle is the victim of a deadlock; else it is the one
   * who waited first.
   */
  protected abstract boolean lastWaiterIsDeadlockVictim();

  /** Returns a query for the longest wait for a lock, as text, in the current session. */
  protected abstract String lockWaitQuery();

  /** Returns the statement that sets the longest wait for a lock, beyond the transaction. */
  protected abstract String lockWaitStatement(Duration wait);

  /** Returns a query that counts the sessions of this database that wait for a lock. */
  protected abstract String waitingSessionsQuery();

  final Store store() {
    return store(Tables.ofDefaults());
  }

  /** Returns the pool that all tests share, with the business tables in its database. */
  final synchronized HikariDataSource pool() {
    if (pool == null) {
      HikariDataSource fresh = newPool(migrated(), CONNECTIONS, null);
      Books.createTables(fresh);
      pool = fresh;
    }
    return pool;
  }

  /** Returns a pool of another size or isolation on the same database; the caller closes it. */
  final HikariDataSource newPool(int connections, @Nullable String isolation) {
    return newPool(
        java.util.Objects.requireNonNull(pool().getDataSource()), connections, isolation);
  }

  private static HikariDataSource newPool(
      DataSource physical, int connections, @Nullable String isolation) {
    HikariConfig config = new HikariConfig();
    config.setDataSource(physical);
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(10_000);
    config.setTransactionIsolation(isolation);
    return new HikariDataSource(config);
  }
}
