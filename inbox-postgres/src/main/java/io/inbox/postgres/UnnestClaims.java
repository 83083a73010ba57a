package io.inbox.postgres;

import io.inbox.MessageKey;
import io.inbox.Reason;
import io.inbox.error.IntegrityException;
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
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Claims one key, or the sorted keys of a batch, by one {@code INSERT ... ON CONFLICT DO NOTHING}.
 *
 * <p>The bare form is used, without a conflict target: with one, the statement fails while the
 * index is rebuilt by REINDEX CONCURRENTLY. A unique violation is never provoked: it would abort
 * the transaction. The insert waits for a concurrent transaction that inserted, or is deleting, the
 * same key; the bound on that wait is set and put back by the same statement, so that it never
 * reaches the handler's statements.
 */
final class UnnestClaims implements Claims {
  private static final int ROUNDS = 4;

  private final ClaimPolicy policy;
  private final ClaimSql sql;

  UnnestClaims(Tables tables, ClaimPolicy policy) {
    this.policy = policy;
    this.sql = new ClaimSql(tables, policy);
  }

  @Override
  public ClaimAnswer claim(Connection connection, ClaimRequest request) throws SQLException {
    for (int round = 0; round < ROUNDS; round++) {
      ClaimAnswer answer;
      try (PreparedStatement statement =
          connection.prepareStatement(round == 0 ? sql.claim : sql.claimAgain)) {
        bind(statement, request);
        answer = answer(statement);
      } catch (SQLException e) {
        if (SqlError.of(e) == SqlError.LOCK_TIMEOUT) {
          return ClaimAnswer.BUSY;
        }
        throw e;
      }
      if (answer != null) {
        return answer;
      }
      // The winner committed after this statement's snapshot was taken: the next statement sees it,
      // or wins because the row is gone again.
    }
    throw invisible(request.key());
  }

  private void bind(PreparedStatement statement, ClaimRequest request) throws SQLException {
    statement.setString(1, request.key().tenant());
    statement.setString(2, request.key().source());
    statement.setString(3, request.key().messageId());
    statement.setObject(4, time(request), Types.TIMESTAMP_WITH_TIMEZONE);
    statement.setString(5, request.message().subject().orElse(null));
    statement.setBytes(6, request.fingerprint());
    statement.setString(7, request.message().correlationId().orElse(null));
  }

  private static @Nullable ClaimAnswer answer(PreparedStatement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      if (row.getLong(1) == 1) {
        return ClaimAnswer.WON;
      }
      return loser(row, 3);
    }
  }

  /**
   * Reads state, handled_at, fingerprint and bound from a column on; null where neither a row nor a
   * broken bound was seen.
   */
  private static @Nullable ClaimAnswer loser(ResultSet row, int column) throws SQLException {
    @Nullable OffsetDateTime handledAt = row.getObject(column + 1, OffsetDateTime.class);
    if (handledAt != null) {
      return new ClaimAnswer.Lost(
          row.getInt(column) != 0, handledAt.toInstant(), row.getBytes(column + 2));
    }
    @Nullable String bound = row.getString(column + 3);
    return bound == null ? null : new ClaimAnswer.Outside(Reason.of(bound));
  }

  @Override
  public List<ClaimAnswer> claimAll(Connection connection, List<ClaimRequest> requests)
      throws SQLException {
    @Nullable ClaimAnswer[] answers = new @Nullable ClaimAnswer[requests.size()];
    ClaimArrays arrays = new ClaimArrays(requests);
    try {
      try (PreparedStatement statement = connection.prepareStatement(sql.claimAll)) {
        arrays.bind(connection, statement);
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            if (row.getBoolean(2)) {
              answers[row.getInt(1) - 1] = ClaimAnswer.WON;
            }
          }
        }
      }
      readLosers(connection, requests, answers);
      for (int i = 0; i < answers.length; i++) {
        if (answers[i] == null) {
          answers[i] =
              claim(
                  connection,
                  requests.get(
                      i)); // its winner vanished meanwhile, or its time has just come into bounds
          if (answers[i] instanceof ClaimAnswer.Busy) {
            return List.of(ClaimAnswer.BUSY);
          }
        }
      }
    } catch (SQLException e) {
      if (SqlError.of(e) == SqlError.LOCK_TIMEOUT) {
        return List.of(ClaimAnswer.BUSY);
      }
      throw e;
    }
    @SuppressWarnings("NullAway") // every place was filled above
    List<ClaimAnswer> complete = Arrays.asList(answers);
    return complete;
  }

  private void readLosers(
      Connection connection, List<ClaimRequest> requests, @Nullable ClaimAnswer[] answers)
      throws SQLException {
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < answers.length; i++) {
      if (answers[i] == null) {
        open.add(i);
      }
    }
    if (open.isEmpty()) {
      return;
    }
    List<ClaimRequest> losers = open.stream().map(requests::get).toList();
    try (PreparedStatement statement = connection.prepareStatement(sql.winners)) {
      new ClaimArrays(losers).bindKeys(connection, statement);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          answers[open.get(row.getInt(1) - 1)] = loser(row, 2);
        }
      }
    }
  }

  private IntegrityException invisible(MessageKey key) {
    return new IntegrityException(
        "IBX-141",
        "the database says that "
            + key
            + " is taken, but this role cannot see by whom (row-level security hides it? use PostgresStore.Builder.rowLevelSecurity and name the "
            + "message's own tenant; or the table has a second unique index). Consumer "
            + policy.consumer()
            + " did not handle it");
  }

  static @Nullable OffsetDateTime time(ClaimRequest request) {
    return request.message().time().map(time -> time.atOffset(ZoneOffset.UTC)).orElse(null);
  }
}
