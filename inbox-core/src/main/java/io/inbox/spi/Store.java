package io.inbox.spi;

import io.inbox.error.ConfigurationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jooq.Query;
import org.jooq.SQLDialect;

/**
 * Everything Inbox asks of one kind of database. A store holds no connection; it works on the one
 * it is given. Thread-safe.
 */
public interface Store {
  /** Returns where the tables are. */
  Tables tables();

  /** Returns the dialect of the context that handlers get. */
  SQLDialect dialect();

  /**
   * Checks server, driver and settings and says which promises are left. Runs once for each inbox,
   * at start, before the schema is checked.
   *
   * @param connection in autocommit or not; is left as it was
   * @return what was found
   * @throws io.inbox.error.ConfigurationException when a promise cannot be kept with what was found
   * @throws SQLException when the database cannot be asked
   */
  StoreReport inspect(Connection connection) throws SQLException;

  /**
   * Makes the tenant known to the current transaction, where the store restricts rows by tenant;
   * else does nothing. Called before any other statement of a transaction.
   */
  void enter(Connection connection, String tenant) throws SQLException;

  /** Returns whether the store restricts rows by tenant, so that every message must name one. */
  boolean restrictsByTenant();

  /**
   * Checks that the keys of a consumer are kept as its policy says, and makes what its claims need
   * before long: the buckets of the days ahead. Called in the transaction that registers the
   * consumer, after its row was written, and every hour. Default: refuses buckets.
   *
   * @throws io.inbox.error.ConfigurationException if this store keeps no buckets, or the consumer's
   *     keys are kept in another way
   * @throws io.inbox.error.SchemaException if the schema has no buckets
   * @throws SQLException anything the database refuses
   */
  default void prepare(Connection connection, ClaimPolicy policy) throws SQLException {
    if (policy.buckets() != null) {
      throw new ConfigurationException(
          "IBX-213",
          "this store keeps no buckets, asked for by consumer "
              + policy.consumer()
              + " (leave Inbox.Builder.buckets out, or use PostgresStore)");
    }
  }

  /** Returns the claims of one consumer. */
  Claims claims(ClaimPolicy policy);

  /**
   * Returns how a handler's queries are sent in one round trip with their claim; empty if this
   * store, or one of the queries, does not allow that. Default: empty.
   */
  default Optional<HandlerQueries> together(ClaimPolicy policy, List<Query> queries) {
    return Optional.empty();
  }

  /** Returns the watermarks of one consumer. */
  Watermarks watermarks(ClaimPolicy policy);

  /** Returns the guard that stands before every commit. */
  CommitGuard guard();

  /** Returns the statements beside the hot path. */
  Records records();

  /** Returns the statements of the outbox. */
  OutboxStatements outbox();
}
