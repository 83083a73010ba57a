package io.inbox.reconciler.internal;

import io.inbox.error.DatabaseException;
import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.SchemaException;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.spi.Records.SchemaStamp;
import io.inbox.spi.SqlError;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The database of the inbox, as the reconciler uses it beside its checks. */
public final class Database {
  /** The schema that has the tables of jobs and findings. */
  public static final int SCHEMA_VERSION = 3;

  private static final int ROUNDS = 5;

  private final Store store;
  private final DataSource dataSource;
  private final JdbcTransactions transactions;

  public Database(Store store, @Nullable DataSource dataSource) {
    this.store = store;
    this.transactions = JdbcTransactions.on(dataSource);
    this.dataSource = Objects.requireNonNull(dataSource);
  }

  /** What is done in one transaction. */
  @FunctionalInterface
  public interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  public Store store() {
    return store;
  }

  public DataSource dataSource() {
    return dataSource;
  }

  /** Runs work in a transaction, again after a lost race, and says what to do about an error. */
  public <T> T inTransaction(Work<T> work) {
    for (int round = 1; ; round++) {
      try {
        return transactions.inTransaction(unit -> work.on(unit.connection()));
      } catch (InboxException e) {
        throw e;
      } catch (Exception e) {
        SqlError error = SqlError.of(e);
        boolean lostRace = error == SqlError.RETRY || error == SqlError.UNIQUE_VIOLATION;
        if (!lostRace || round == ROUNDS) {
          throw translated(e);
        }
      }
    }
  }

  /** Returns the error that says what to do about this one. */
  public InboxException translated(Exception error) {
    if (error instanceof InboxException inbox) {
      return inbox;
    }
    @Nullable SQLException sql = SqlError.in(error).orElse(null);
    if (sql == null) {
      return new DatabaseException("IBX-330", "an unexpected " + error, error);
    }
    return switch (SqlError.of(error)) {
      case UNAVAILABLE, RETRY, UNIQUE_VIOLATION, LOCK_TIMEOUT ->
          new RetryLaterException(
              "IBX-323",
              "the tables at "
                  + store.tables()
                  + " cannot be reached now, or are contended: "
                  + sql.getMessage()
                  + " (try again)",
              error);
      case SCHEMA ->
          new SchemaException(
              "IBX-513",
              "a table or column of Inbox is missing at "
                  + store.tables()
                  + ", or this role may not use it, SQLSTATE "
                  + sql.getSQLState()
                  + " (run the migration, or grant the role)",
              error);
      case CANCELLED, OTHER ->
          new DatabaseException(
              "IBX-330",
              "the database refused a statement, SQLSTATE "
                  + sql.getSQLState()
                  + ": "
                  + sql.getMessage(),
              error);
    };
  }

  /**
   * Checks that the tables of jobs and findings are there and are those this code knows.
   *
   * @throws SchemaException naming the remedy
   */
  public void checkSchema() {
    Optional<SchemaStamp> found = inTransaction(connection -> store.records().schema(connection));
    if (found.isEmpty()) {
      throw new SchemaException(
          "IBX-514",
          "the Inbox schema at "
              + store.tables()
              + " records no version, needed "
              + SCHEMA_VERSION
              + ": a migration did not end (run it again)");
    }
    SchemaStamp stamp = found.get();
    if (stamp.version() < SCHEMA_VERSION) {
      throw new SchemaException(
          "IBX-515",
          "found Inbox schema version "
              + stamp.version()
              + " at "
              + store.tables()
              + ", needed "
              + SCHEMA_VERSION
              + " for jobs and findings (run InboxMigrations.on(dataSource).migrate())");
    }
    if (stamp.compatibleFrom() > SCHEMA_VERSION) {
      throw new SchemaException(
          "IBX-516",
          "found Inbox schema version "
              + stamp.version()
              + " at "
              + store.tables()
              + ", which works with libraries that know version "
              + stamp.compatibleFrom()
              + " or later; this one knows "
              + SCHEMA_VERSION
              + " (upgrade the library)");
    }
  }

  /** Returns the time of the database's clock. */
  public Instant now() {
    return inTransaction(
        connection -> {
          try (PreparedStatement statement =
                  connection.prepareStatement("SELECT CURRENT_TIMESTAMP");
              ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getObject(1, OffsetDateTime.class).toInstant();
          }
        });
  }
}
