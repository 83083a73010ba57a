package io.inbox.jdbc;

import io.inbox.MessageKey;
import io.inbox.Reason;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;
import io.inbox.spi.SqlError;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Claims by a plain INSERT and takes the unique index's refusal for "somebody has it": right on
 * databases where a failed statement leaves the transaction usable. Statements are rendered once.
 *
 * <p>The insert waits for a concurrent one on the same key. It does not wait for a delete in
 * flight, but fails at once although no row can be read: then it is tried again.
 */
final class InsertClaims implements Claims {
  private static final int ROUNDS = 5;

  private final ClaimPolicy policy;
  private final InsertClaimSql sql;

  InsertClaims(Tables tables, ClaimPolicy policy) {
    this.policy = policy;
    this.sql = new InsertClaimSql(tables, policy);
  }

  @Override
  public ClaimAnswer claim(Connection connection, ClaimRequest request) throws SQLException {
    ClaimAnswer answer = waiting(connection, policy, () -> claimOne(connection, request));
    if (answer instanceof ClaimAnswer.Lost) {
      makeDurable(connection, sql);
    }
    return answer;
  }

  @Override
  public List<ClaimAnswer> claimAll(Connection connection, List<ClaimRequest> requests)
      throws SQLException {
    List<ClaimAnswer> all =
        waiting(
            connection,
            policy,
            () -> {
              List<ClaimAnswer> answers = new ArrayList<>(requests.size());
              for (ClaimRequest request : requests) {
                ClaimAnswer answer = claimOne(connection, request);
                if (answer instanceof ClaimAnswer.Busy) {
                  return List.of(answer);
                }
                answers.add(answer);
              }
              return answers;
            });
    if (all.stream().anyMatch(ClaimAnswer.Lost.class::isInstance)) {
      makeDurable(connection, sql);
    }
    return all;
  }

  /**
   * H2 shows a commit to other sessions before it writes it to the file, so a duplicate could be
   * acknowledged whose first handling is lost when the process is killed in that moment. A commit
   * that has written anything returns only after all earlier ones are in the file, too. What is
   * written is a row of its own, gone again at the commit: it holds nobody up.
   */
  static void makeDurable(Connection connection, InsertClaimSql sql) throws SQLException {
    String id = UUID.randomUUID().toString();
    for (String text : List.of(sql.mark, sql.unmark)) {
      try (PreparedStatement statement = connection.prepareStatement(text)) {
        statement.setString(1, id);
        statement.executeUpdate();
      }
    }
  }

  private ClaimAnswer claimOne(Connection connection, ClaimRequest request) throws SQLException {
    for (int round = 0; round < ROUNDS; round++) {
      try {
        if (insert(connection, request)) {
          return ClaimAnswer.WON;
        }
        Optional<ClaimAnswer> winner = winner(connection, request.key());
        Optional<ClaimAnswer> answer = winner.isPresent() ? winner : outside(connection, request);
        if (answer.isPresent()) {
          return answer.get();
        }
      } catch (SQLException e) {
        SqlError error = SqlError.of(e);
        if (error == SqlError.LOCK_TIMEOUT) {
          return ClaimAnswer.BUSY;
        }
        if (error != SqlError.UNIQUE_VIOLATION) {
          throw e;
        }
        Optional<ClaimAnswer> winner = winner(connection, request.key());
        if (winner.isPresent()) {
          return winner.get();
        }
      }
    }
    return ClaimAnswer
        .BUSY; // its row is being deleted right now, or (above READ COMMITTED) was written after
    // this transaction's snapshot
  }

  private boolean insert(Connection connection, ClaimRequest request) throws SQLException {
    @Nullable OffsetDateTime time =
        request.message().time().map(t -> t.atOffset(ZoneOffset.UTC)).orElse(null);
    try (PreparedStatement statement = connection.prepareStatement(sql.insert)) {
      statement.setString(1, request.key().tenant());
      statement.setString(2, request.key().source());
      statement.setString(3, request.key().messageId());
      statement.setObject(4, time);
      statement.setString(5, request.message().subject().orElse(null));
      statement.setBytes(6, request.fingerprint());
      statement.setString(7, request.message().correlationId().orElse(null));
      for (int bound = 8; bound <= 11; bound++) {
        statement.setObject(bound, time);
      }
      return statement.executeUpdate() == 1;
    }
  }

  private Optional<ClaimAnswer> winner(Connection connection, MessageKey key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.select)) {
      statement.setString(1, key.tenant());
      statement.setString(2, key.source());
      statement.setString(3, key.messageId());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        Instant handledAt = row.getObject(2, OffsetDateTime.class).toInstant();
        return Optional.of(new ClaimAnswer.Lost(row.getInt(1) != 0, handledAt, row.getBytes(3)));
      }
    }
  }

  private Optional<ClaimAnswer> outside(Connection connection, ClaimRequest request)
      throws SQLException {
    OffsetDateTime time = request.message().time().orElseThrow().atOffset(ZoneOffset.UTC);
    try (PreparedStatement statement = connection.prepareStatement(sql.verdict)) {
      for (int bound = 1; bound <= 3; bound++) {
        statement.setObject(bound, time);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        @Nullable String reason = row.getString(1);
        return reason == null
            ? Optional.empty()
            : Optional.of(new ClaimAnswer.Outside(Reason.of(reason)));
      }
    }
  }

  /**
   * Bounds the wait for locks by H2's session setting, which no transaction undoes: it is always
   * put back.
   */
  static <T> T waiting(Connection connection, ClaimPolicy policy, Step<T> step)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      long before;
      try (ResultSet row = statement.executeQuery("SELECT LOCK_TIMEOUT()")) {
        row.next();
        before = row.getLong(1);
      }
      statement.execute("SET LOCK_TIMEOUT " + policy.maxWait().toMillis());
      try {
        return step.run();
      } finally {
        statement.execute("SET LOCK_TIMEOUT " + before);
      }
    }
  }

  /** What runs under the bounded wait. */
  @FunctionalInterface
  interface Step<T> {
    T run() throws SQLException;
  }
}
