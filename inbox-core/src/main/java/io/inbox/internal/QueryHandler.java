package io.inbox.internal;

import io.inbox.Handler;
import io.inbox.Transaction;
import io.inbox.spi.BoundSql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** A handler of one message that runs queries with its values. */
@SuppressWarnings("ReferenceEquality") // queries are the same if they are of one SqlHandler
final class QueryHandler implements Handler {
  private final List<BoundSql> queries;
  private final Map<String, ?> values;

  QueryHandler(List<BoundSql> queries, Map<String, ?> values) {
    this.queries = queries;
    this.values = values;
  }

  @Override
  public void handle(Transaction tx) throws SQLException {
    runAll(List.of(this), tx.connection());
  }

  /** Returns whether both can be run as one batch: each message has one query, and the same one. */
  boolean joins(QueryHandler other) {
    return queries.size() == 1 && queries == other.queries;
  }

  /** Runs handlers that join; where there is one only, it may have any number of queries. */
  static void runAll(List<QueryHandler> handlers, Connection connection) throws SQLException {
    for (BoundSql query : handlers.get(0).queries) {
      try (PreparedStatement statement = connection.prepareStatement(query.text())) {
        if (handlers.size() == 1) {
          query.bind(statement, 1, handlers.get(0).values);
          statement.executeUpdate();
          continue;
        }
        for (QueryHandler handler : handlers) {
          query.bind(statement, 1, handler.values);
          statement.addBatch();
        }
        statement.executeBatch();
      }
    }
  }
}
