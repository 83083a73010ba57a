package io.inbox.postgres;

import io.inbox.spi.BoundSql;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.HandlerQueries;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jooq.Condition;
import org.jooq.Query;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLWarning;

/**
 * Sends a claim and the handler's queries together, each of the latter on the condition that the
 * claim was won.
 *
 * <p>One query is one statement with the claim, in autocommit mode: it commits or fails as a whole.
 * Several are sent one behind the other, with BEGIN and COMMIT, before the first answer is awaited:
 * each has a snapshot of its own, so that it sees what those before it wrote. As parts of one
 * statement they would share a snapshot, and two updates of a row would be one. The server skips
 * everything behind a statement that failed, the COMMIT too.
 */
final class OneRoundTrip implements HandlerQueries {
  private static final String CLAIM = "inbox_claim";
  private static final String QUERY = "inbox_query";

  private final ClaimSql sql;
  private final Map<String, String> texts;
  private final List<BoundSql> queries;

  /**
   * Creates one.
   *
   * @param texts of the whole, by that of the claim
   */
  private OneRoundTrip(ClaimSql sql, Map<String, String> texts, List<BoundSql> queries) {
    this.sql = sql;
    this.texts = texts;
    this.queries = queries;
  }

  /**
   * Returns nothing if a condition cannot be put on one of the queries, or the claim not be put
   * into a statement.
   */
  static Optional<HandlerQueries> of(ClaimSql sql, List<Query> queries) {
    if (sql.claims().isEmpty()) {
      return Optional.empty();
    }
    boolean single = queries.size() == 1;
    // Nobody else can have set this by accident; it ends with the transaction.
    String token = UUID.randomUUID().toString();
    Condition won =
        single
            ? DSL.exists(DSL.selectOne().from(DSL.table(DSL.name(CLAIM))))
            : DSL.condition("current_setting('inbox.claim', true) = '" + token + "'");
    List<BoundSql> gated = new ArrayList<>();
    for (Query query : queries) {
      Optional<Query> conditional = Conditional.on(query, won);
      if (conditional.isEmpty()) {
        return Optional.empty();
      }
      gated.add(BoundSql.of(conditional.get(), SQLDialect.POSTGRES));
    }
    Map<String, String> texts = new HashMap<>();
    for (String claim : sql.claims()) {
      texts.put(claim, text(claim, gated, token));
    }
    return Optional.of(new OneRoundTrip(sql, texts, gated));
  }

  // Locks: as the claim, then as the query. Index: the primary key.
  private static String text(String claim, List<BoundSql> queries, String token) {
    if (queries.size() == 1) {
      return """
          WITH %1$s AS (
          %2$s), %3$s AS (
          %4$s)
          SELECT 1 FROM %1$s"""
          .formatted(CLAIM, claim, QUERY, queries.get(0).text());
    }
    StringBuilder all = new StringBuilder(claim);
    all.append(", set_config('inbox.claim', '").append(token).append("', true)");
    for (BoundSql query : queries) {
      all.append(";\n").append(query.text());
    }
    return all.append(";\nCOMMIT").toString();
  }

  @Override
  public Answer run(Connection connection, ClaimRequest request, Map<String, ?> values)
      throws SQLException {
    boolean autoCommit = queries.size() == 1;
    if (connection.getAutoCommit() == autoCommit) {
      return execute(connection, request, values);
    }
    connection.setAutoCommit(autoCommit);
    try {
      return execute(connection, request, values);
    } finally {
      restoreAutoCommit(connection, !autoCommit);
    }
  }

  private static void restoreAutoCommit(Connection connection, boolean autoCommit) {
    try {
      connection.setAutoCommit(autoCommit);
    } catch (SQLException e) {
      // What came of the queries stands; a connection that is broken is its pool's affair.
    }
  }

  private Answer execute(Connection connection, ClaimRequest request, Map<String, ?> values)
      throws SQLException {
    String text = Objects.requireNonNull(texts.get(sql.claim(request)), "of this claim");
    try (PreparedStatement statement = connection.prepareStatement(text)) {
      int place = sql.bind(statement, request);
      for (BoundSql query : queries) {
        place = query.bind(statement, place, values);
      }
      statement.execute();
      boolean won;
      try (ResultSet row = statement.getResultSet()) {
        won = row.next();
      }
      if (queries.size() > 1) {
        connection.commit(); // the driver has nothing to send, but a pool is told
      }
      return new Answer(won, unreplicated(statement.getWarnings()));
    } catch (SQLException e) {
      if (queries.size() > 1) {
        rollBack(connection, e);
      }
      throw e;
    }
  }

  /**
   * Finds the remark that a wait for the synchronous standby was cancelled. Triggers may remark
   * with the same SQLSTATE, so it is known by the routine of the server that makes it.
   */
  private static @Nullable SQLWarning unreplicated(@Nullable SQLWarning first) {
    for (@Nullable SQLWarning each = first; each != null; each = each.getNextWarning()) {
      if (each instanceof PSQLWarning warning
          && "SyncRepWaitForLSN".equals(warning.getServerErrorMessage().getRoutine())) {
        return each;
      }
    }
    return null;
  }

  private static void rollBack(Connection connection, SQLException why) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      why.addSuppressed(e);
    }
  }
}
