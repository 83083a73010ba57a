package io.inbox.internal;

import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.ConfigurationException;
import io.inbox.error.UsageException;
import io.inbox.spi.BoundSql;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.HandlerQueries;
import io.inbox.spi.SqlError;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jooq.Param;
import org.jooq.Query;
import org.jooq.ResultQuery;
import org.jspecify.annotations.Nullable;

/**
 * Deliveries whose handler is nothing but queries: first in one round trip, and, if that did not
 * settle it, by the path of all messages. So only the good case has code of its own.
 */
public final class QueryDeliveries {
  private static final int MOST_QUERIES = 100;

  private final Wiring wiring;
  private final List<BoundSql> queries;
  private final Map<String, Param<?>> parameters;
  private final @Nullable SharedDeliveries shared;
  private final @Nullable HandlerQueries together;
  private final @Nullable DataSource pool;

  private QueryDeliveries(
      Wiring wiring,
      @Nullable SharedDeliveries shared,
      List<BoundSql> queries,
      Map<String, Param<?>> parameters,
      @Nullable HandlerQueries together,
      @Nullable DataSource pool) {
    this.wiring = wiring;
    this.shared = shared;
    this.queries = queries;
    this.together = together;
    this.pool = pool;
    this.parameters = parameters;
  }

  /**
   * Renders the queries; throws if they cannot be a handler.
   *
   * @param shared where deliveries of this inbox share transactions; null if they do not
   */
  public static QueryDeliveries of(
      Wiring wiring, @Nullable SharedDeliveries shared, List<Query> queries) {
    if (queries.size() > MOST_QUERIES) {
      throw refused(queries.size() + " queries > " + MOST_QUERIES + " (use process)");
    }
    List<BoundSql> bound = new ArrayList<>();
    for (@Nullable Query query : queries) {
      if (query == null) {
        throw refused("a query is null");
      }
      if (query instanceof ResultQuery) {
        throw refused(
            "nobody reads the rows of " + query + " (use process, or leave RETURNING out)");
      }
      try {
        bound.add(BoundSql.of(query, wiring.store.dialect()));
      } catch (RuntimeException e) {
        throw new ConfigurationException(
            "IBX-309", "a query cannot be rendered: " + e.getMessage(), e);
      }
    }
    Map<String, Param<?>> parameters = new TreeMap<>();
    for (BoundSql query : bound) {
      query.parameters().forEach((name, param) -> declare(parameters, name, param));
    }
    @Nullable HandlerQueries together = null;
    @Nullable DataSource pool = wiring.transactions.connections().orElse(null);
    if (pool != null && !wiring.store.restrictsByTenant()) {
      together = wiring.store.together(wiring.policy, queries).orElse(null);
    }
    return new QueryDeliveries(wiring, shared, List.copyOf(bound), parameters, together, pool);
  }

  private static void declare(Map<String, Param<?>> parameters, String name, Param<?> param) {
    @Nullable Param<?> other = parameters.putIfAbsent(name, param);
    if (other != null && !other.getDataType().equals(param.getDataType())) {
      throw refused(
          "parameter "
              + name
              + " is of two types, "
              + other.getDataType()
              + " and "
              + param.getDataType()
              + " (give them two names)");
    }
  }

  private static ConfigurationException refused(String why) {
    return new ConfigurationException("IBX-309", why);
  }

  /** Returns whether a first delivery takes one round trip. */
  public boolean isOneRoundTrip() {
    return together != null;
  }

  /** Decides one delivery. */
  public Outcome<Void> process(Message message, @Nullable Map<String, ?> values) {
    ClaimRequest request = wiring.request(message);
    Map<String, ?> converted = converted(values);
    QueryHandler handler = new QueryHandler(queries, converted);
    if (shared != null) {
      return shared.process(request, handler, () -> alone(request, handler, converted));
    }
    return alone(request, handler, converted);
  }

  private Outcome<Void> alone(ClaimRequest request, QueryHandler handler, Map<String, ?> values) {
    Message message = request.message();
    Nesting.refuse(request.key().toString());
    @Nullable Throwable doubt = null;
    wiring.prepareBuckets();
    if (together != null && pool != null && message.deliveryCount() <= 1) {
      Stopwatch stopwatch = new Stopwatch();
      try {
        @Nullable Outcome<Void> outcome = atOnce(together, pool, request, values, stopwatch);
        if (outcome != null) {
          Deliveries.delivered(wiring, message, outcome, stopwatch.stop(), 1);
          return outcome;
        }
      } catch (SQLException e) {
        doubt = SqlError.leavesCommitInDoubt(e) ? e : null;
      }
    }
    return SingleDelivery.of(
        wiring,
        request,
        tx -> {
          handler.handle(tx);
          return null;
        },
        null,
        doubt);
  }

  /** Returns null if that did not settle it, and wrote nothing. */
  private @Nullable Outcome<Void> atOnce(
      HandlerQueries queries,
      DataSource pool,
      ClaimRequest request,
      Map<String, ?> values,
      Stopwatch stopwatch)
      throws SQLException {
    stopwatch.begin();
    Connection connection;
    try {
      connection = pool.getConnection();
    } catch (SQLException | RuntimeException e) {
      return null; // nothing was sent; the usual way has a name for it
    }
    HandlerQueries.Answer answer;
    try {
      stopwatch.connected();
      answer = queries.run(connection, request, values);
    } finally {
      closeQuietly(connection);
    }
    if (!answer.won()) {
      return null;
    }
    if (answer.unreplicated() != null) {
      return Failures.outcome(
          wiring,
          request,
          new UnitFailure(
              Reason.COMMIT_IN_DOUBT, DatabaseErrors.unreplicated(answer.unreplicated()), false));
    }
    return new Outcome.Processed<>(request.key(), null);
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // What came of the queries is known; an error while giving the connection back changes
      // nothing.
    }
  }

  private Map<String, ?> converted(@Nullable Map<String, ?> values) {
    if (values == null || !values.keySet().equals(parameters.keySet())) {
      throw new UsageException(
          "IBX-315",
          "the queries have the parameters "
              + parameters.keySet()
              + ", but there are values for "
              + (values == null ? "none" : new TreeSet<>(values.keySet())));
    }
    Map<String, @Nullable Object> converted = new HashMap<>();
    try {
      parameters.forEach(
          (name, param) -> converted.put(name, BoundSql.convert(param, values.get(name))));
    } catch (IllegalArgumentException e) {
      throw new UsageException("IBX-315", String.valueOf(e.getMessage()), e);
    }
    return converted;
  }
}
