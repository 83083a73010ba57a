package io.inbox.reconciler.internal.database;

import io.inbox.error.ConfigurationException;
import io.inbox.error.InboxException;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.spi.Store;
import io.inbox.spi.Tables;
import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.Table;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/**
 * The database that jobs work on. Holds no connection between calls, and takes one at a time.
 * Thread-safe.
 */
public final class Database {
  /** jOOQ would log bind values, keys among them. */
  private static final Settings SETTINGS =
      new Settings().withExecuteLogging(false).withDiagnosticsLogging(false);

  private final Store store;
  private final Transactions transactions;

  private Database(Store store, Transactions transactions) {
    this.store = store;
    this.transactions = transactions;
  }

  /**
   * Checks server and schema, which must be of version 3 at least; takes one connection and blocks.
   *
   * @throws ConfigurationException if the store or the data source is null, or the server cannot be
   *     used
   * @throws io.inbox.error.SchemaException if the schema is missing, too old or too new
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached
   */
  public static Database open(@Nullable Store store, @Nullable DataSource dataSource) {
    if (store == null) {
      throw new ConfigurationException(
          "IBX-204", "the store is null (hand in PostgresStore or PortableStore)");
    }
    Database database = new Database(store, JdbcTransactions.on(dataSource));
    database.transaction(
        connection -> {
          SchemaCheck.run(store, connection);
          return database;
        });
    return database;
  }

  /** Runs work in a transaction of its own and translates its errors. */
  public <T> T transaction(Work<T> work) {
    try {
      return transactions.inTransaction(unit -> work.run(unit.connection()));
    } catch (Exception e) {
      throw translated(e);
    }
  }

  /** Returns whether the schema keeps keys in buckets, by the catalogue. */
  public boolean hasBuckets(Connection connection) throws SQLException {
    if (!isPostgres()) {
      return false;
    }
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
      statement.setString(1, tables().quoted("bucket_consumer"));
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  /** Returns an error that says what to do: the same if it does. */
  public InboxException translated(Exception error) {
    return error instanceof InboxException known ? known : Errors.translated(store.tables(), error);
  }

  /** Runs work in a transaction of its own; its errors come out as they are. */
  public <T> T attempt(Work<T> work) throws Exception {
    return transactions.inTransaction(unit -> work.run(unit.connection()));
  }

  /** Work in the transaction of a connection. */
  @FunctionalInterface
  public interface Work<T> {
    /** Runs on the calling thread; what it throws rolls the transaction back. */
    T run(Connection connection) throws Exception;
  }

  /** Returns the store. */
  public Store store() {
    return store;
  }

  /** Returns where the tables are. */
  public Tables tables() {
    return store.tables();
  }

  /** Returns whether the database is PostgreSQL. */
  public boolean isPostgres() {
    return store.dialect().family() == SQLDialect.POSTGRES;
  }

  /** Returns a context on a connection that logs no values. */
  public DSLContext on(Connection connection) {
    return DSL.using(connection, store.dialect(), SETTINGS);
  }

  /** Returns a table of Inbox. */
  public Table<Record> table(String name) {
    return DSL.table(DSL.name(tables().schema(), tables().prefix() + name));
  }

  /**
   * Returns the database's time: of now, where the database can say so within a transaction, else
   * that of its beginning.
   */
  public Field<OffsetDateTime> now() {
    return isPostgres()
        ? DSL.field("clock_timestamp()", SQLDataType.TIMESTAMPWITHTIMEZONE)
        : DSL.currentOffsetDateTime();
  }

  /** Returns the database's time. */
  public OffsetDateTime now(Connection connection) {
    Field<OffsetDateTime> now = now().as("now");
    return on(connection).select(now).fetchSingle(now);
  }
}
