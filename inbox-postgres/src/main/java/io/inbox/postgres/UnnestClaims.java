package io.inbox.postgres;

import io.inbox.MessageKey;
import io.inbox.Reason;
import io.inbox.error.IntegrityException;
import io.inbox.error.SchemaException;
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
import java.time.OffsetDateTime;
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
 * same key; the bound on that wait is set and put back by the same statement (after a lost single
 * claim, by the one that reads the winner) or, for a batch, in the same exchange, so that it never
 * reaches the handler's statements.
 */
final class UnnestClaims implements Claims {
  private static final int ROUNDS = 4;
  private static final int DEAD_LETTERED = 1;
  private static final String NO_PARTITION = "23514";
  private static final String SERIALIZATION_FAILURE = "40001";

  private final ClaimPolicy policy;
  private final ClaimSql sql;

  UnnestClaims(Tables tables, ClaimPolicy policy) {
    this.policy = policy;
    this.sql = ClaimSql.of(tables, policy);
  }

  @Override
  public ClaimAnswer claim(Connection connection, ClaimRequest request) throws SQLException {
    for (int round = 0; round < ROUNDS; round++) {
      try {
        if (insert(connection, request)) {
          return ClaimAnswer.WON;
        }
      } catch (SQLException e) {
        if (SqlError.of(e) == SqlError.LOCK_TIMEOUT) {
          return ClaimAnswer.BUSY;
        }
        throw lostBucket(e);
      }
      @Nullable ClaimAnswer answer = loser(connection, request);
      if (answer != null) {
        return answer;
      }
      // The row that was in the way is gone again, or the time has just come into bounds: now the
      // insert may win.
    }
    throw invisible(request.key());
  }

  private boolean insert(Connection connection, ClaimRequest request) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.claim(request))) {
      sql.bind(statement, request);
      try (ResultSet row = statement.executeQuery()) {
        return row.next();
      }
    }
  }

  private @Nullable ClaimAnswer loser(Connection connection, ClaimRequest request)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql.loser())) {
      sql.bindLoser(statement, request);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return loser(row, request);
      }
    }
  }

  /**
   * Reads state, handled_at, fingerprint and bound from the second column on; null where neither a
   * row nor a broken bound was seen.
   */
  private @Nullable ClaimAnswer loser(ResultSet row, ClaimRequest request) throws SQLException {
    @Nullable OffsetDateTime handledAt = row.getObject(3, OffsetDateTime.class);
    if (handledAt != null) {
      return new ClaimAnswer.Lost(
          row.getInt(2) == DEAD_LETTERED, handledAt.toInstant(), row.getBytes(4));
    }
    @Nullable String bound = row.getString(5);
    if (bound != null) {
      return new ClaimAnswer.Outside(Reason.of(bound));
    }
    if (request.bounded() && !row.getBoolean(6)) {
      throw new SchemaException(
          "IBX-518",
          "there is no bucket for the day of "
              + request.key()
              + ", "
              + BucketSql.bucket(request)
              + ": nothing was written (start a node of consumer "
              + policy.consumer()
              + " again, which makes the missing ones)");
    }
    return null;
  }

  @Override
  public List<ClaimAnswer> claimAll(Connection connection, List<ClaimRequest> requests)
      throws SQLException {
    @Nullable ClaimAnswer[] answers = new @Nullable ClaimAnswer[requests.size()];
    try {
      insertAll(connection, requests, answers);
      readLosers(connection, requests, answers);
      for (int i = 0; i < answers.length; i++) {
        if (answers[i] == null) {
          // Its winner vanished meanwhile, or its time has just come into bounds.
          answers[i] = claim(connection, requests.get(i));
          if (answers[i] instanceof ClaimAnswer.Busy) {
            return List.of(ClaimAnswer.BUSY);
          }
        }
      }
    } catch (SQLException e) {
      if (SqlError.of(e) == SqlError.LOCK_TIMEOUT) {
        return List.of(ClaimAnswer.BUSY);
      }
      throw lostBucket(e);
    }
    @SuppressWarnings("NullAway") // every place was filled above
    List<ClaimAnswer> complete = Arrays.asList(answers);
    return complete;
  }

  /** The new rows come back in the order of the requests, so that one pass over both finds them. */
  private void insertAll(
      Connection connection, List<ClaimRequest> requests, @Nullable ClaimAnswer[] answers)
      throws SQLException {
    ClaimArrays arrays = new ClaimArrays(requests);
    try (PreparedStatement statement = connection.prepareStatement(sql.claimAll(arrays))) {
      sql.bindAll(connection, statement, arrays);
      statement.execute();
      statement.getMoreResults(); // the first says that the bound is set
      try (ResultSet row = statement.getResultSet()) {
        int at = 0;
        while (row.next()) {
          String source = row.getString(1);
          String messageId = row.getString(2);
          while (!requests.get(at).key().messageId().equals(messageId)
              || !requests.get(at).key().source().equals(source)) {
            at++;
          }
          answers[at++] = ClaimAnswer.WON;
        }
      }
    }
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
    try (PreparedStatement statement = connection.prepareStatement(sql.losers())) {
      sql.bindLosers(connection, statement, new ClaimArrays(losers));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          int at = open.get(row.getInt(1) - 1);
          answers[at] = loser(row, requests.get(at));
        }
      }
    }
  }

  /** A bucket that was dropped between the look for it and the insert is a lost race. */
  private SQLException lostBucket(SQLException error) {
    return policy.buckets() != null && NO_PARTITION.equals(error.getSQLState())
        ? new SQLException("the bucket was dropped meanwhile", SERIALIZATION_FAILURE, error)
        : error;
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
}
