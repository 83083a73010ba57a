package io.inbox.postgres;

import io.inbox.Reason;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Tables;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The claim statements of one consumer, and how they are bound. Only validated names and numbers,
 * and the consumer as a quoted literal, are put into their text; everything of a message is bound.
 * Parts of a statement that look a key up stand apart by {@code OFFSET 0} or {@code LIMIT}: the
 * server keeps one plan for all executions, made perhaps while the table was empty, and must not
 * read a whole table to join it.
 */
abstract class ClaimSql {
  private static final String REMEMBERED = "'inbox.lock_timeout'";

  /** Puts the lock timeout back that a claim has remembered. */
  static final String PUT_BACK =
      "set_config('lock_timeout', current_setting(" + REMEMBERED + "), true)";

  final String table;
  final String consumer;
  final long waitMillis;
  private final ClaimPolicy policy;
  private final String horizon;

  ClaimSql(Tables tables, ClaimPolicy policy) {
    this.policy = policy;
    this.table = tables.quoted("message");
    this.consumer = "'" + policy.consumer().replace("'", "''") + "'";
    this.horizon =
        "(SELECT purge_horizon FROM %s WHERE consumer = %s)"
            .formatted(tables.quoted("consumer"), consumer);
    this.waitMillis = policy.maxWait().toMillis();
  }

  static ClaimSql of(Tables tables, ClaimPolicy policy) {
    return policy.buckets() == null
        ? new PlainSql(tables, policy)
        : new BucketSql(tables, policy, policy.buckets().isMoving());
  }

  /** Returns the statement that inserts a key; it returns a row if it did. */
  abstract String claim(ClaimRequest request);

  /**
   * Returns the texts {@link #claim} may give for requests that are bounded, as something that can
   * be put into another statement; empty if that cannot be done.
   */
  abstract List<String> claims();

  /** Binds {@link #claim}; returns the place behind the last one. */
  abstract int bind(PreparedStatement statement, ClaimRequest request) throws SQLException;

  /**
   * Returns the statement that reads who holds a key: something, state, handled_at, fingerprint,
   * the bound that is broken, and whether there is a place for the key.
   */
  abstract String loser();

  abstract void bindLoser(PreparedStatement statement, ClaimRequest request) throws SQLException;

  /**
   * Returns the statements that insert the keys of a batch. The second result is source and id of
   * those it has inserted, in the order of the arrays.
   */
  abstract String claimAll(ClaimArrays arrays);

  abstract void bindAll(Connection connection, PreparedStatement statement, ClaimArrays arrays)
      throws SQLException;

  /** Returns {@link #loser} for many keys, with their places first. */
  abstract String losers();

  abstract void bindLosers(Connection connection, PreparedStatement statement, ClaimArrays arrays)
      throws SQLException;

  /**
   * Returns a batch's statement between two that set the bound and put the timeout back, to be sent
   * in one exchange: within one statement it would take three more parts, through which every row
   * goes. What follows a statement that fails changes nothing.
   */
  final String bounded(String insert) {
    return "SELECT " + boundedWait() + ";\n" + insert + ";\nSELECT " + PUT_BACK;
  }

  /**
   * Returns the expression for the bound that is broken, null if none is.
   *
   * @param earliest of the times of a message
   * @param latest of them
   */
  final String bound(String earliest, String latest) {
    return """
        CASE WHEN %1$s < clock_timestamp() - %3$s THEN '%4$s'
             WHEN %2$s > clock_timestamp() + %5$s THEN '%6$s'
             WHEN %1$s < %7$s THEN '%8$s' END"""
        .formatted(
            earliest,
            latest,
            interval(policy.window()),
            Reason.TOO_OLD,
            interval(policy.maxAhead()),
            Reason.TOO_FAR_AHEAD,
            horizon,
            Reason.PURGED);
  }

  /** Remembers the lock timeout and sets the bound, in one expression, so in this order. */
  final String boundedWait() {
    return "set_config('lock_timeout', CASE WHEN set_config(%s, current_setting('lock_timeout'), true) IS NOT NULL THEN '%dms' END, true) IS NOT NULL"
        .formatted(REMEMBERED, waitMillis);
  }

  private static String interval(Duration duration) {
    // Not milliseconds in a literal: PostgreSQL 14 reads those as 32 bits.
    return "make_interval(secs => " + BigDecimal.valueOf(duration.toMillis(), 3) + ")";
  }

  /** Binds the six parameters that every claim begins with. */
  static void bindMessage(PreparedStatement statement, ClaimRequest request) throws SQLException {
    statement.setString(1, request.key().tenant());
    statement.setString(2, request.key().source());
    statement.setString(3, request.key().messageId());
    statement.setString(4, request.message().subject().orElse(null));
    statement.setBytes(5, request.fingerprint());
    statement.setString(6, request.message().correlationId().orElse(null));
  }

  /** Binds tenant, source and id. */
  static void bindKey(PreparedStatement statement, ClaimRequest request) throws SQLException {
    statement.setString(1, request.key().tenant());
    statement.setString(2, request.key().source());
    statement.setString(3, request.key().messageId());
  }

  static @Nullable OffsetDateTime time(ClaimRequest request) {
    return request.message().time().map(time -> time.atOffset(ZoneOffset.UTC)).orElse(null);
  }
}
