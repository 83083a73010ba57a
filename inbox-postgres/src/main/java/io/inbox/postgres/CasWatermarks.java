package io.inbox.postgres;

import io.inbox.error.IntegrityException;
import io.inbox.spi.ClaimPolicy;
import io.inbox.spi.SqlError;
import io.inbox.spi.Tables;
import io.inbox.spi.WatermarkKey;
import io.inbox.spi.Watermarks;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Moves a watermark by comparing and setting it in one UPDATE.
 *
 * <p>If another transaction holds the row, the UPDATE waits, and then PostgreSQL evaluates its
 * WHERE again on the newest version of the row (above READ COMMITTED it fails, and everything runs
 * again): so an owner that was overtaken while it waited finds its epoch gone. That is why epoch
 * and position are compared in the WHERE of the statement that writes, and nowhere else.
 *
 * <p>The bound on that wait is set by a row of FROM, which is computed before the row is locked and
 * is not computed again when the WHERE is. RETURNING puts the old value back; where nothing was
 * moved, {@link #read} does.
 */
final class CasWatermarks implements Watermarks {
  private static final int ROUNDS = 4;

  private final String bound;
  private final String take;
  private final String create;
  private final String move;
  private final String read;

  CasWatermarks(Tables tables, ClaimPolicy policy) {
    String table = tables.quoted("watermark");
    String wait = "'" + policy.maxWait().toMillis() + "ms'";
    this.bound = "SELECT set_config('lock_timeout', " + wait + ", true)";
    // Locks: the row; waits for a transaction that moves it. Index: the primary key.
    this.take =
        """
        UPDATE %s SET "epoch" = "epoch" + 1, "taken_at" = clock_timestamp()
        WHERE "tenant" = ? AND "consumer" = ? AND "stream" = ? AND "partition" = ?
        RETURNING "epoch", "position\""""
            .formatted(table);
    // Locks: the new row; waits for a transaction that inserted it. Index: the primary key.
    this.create =
        """
        INSERT INTO %s ("tenant", "consumer", "stream", "partition") VALUES (?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        RETURNING "epoch", "position\""""
            .formatted(table);
    // Locks: the row; waits for a transaction that holds it, as long as the bound says. Index: the
    // primary key.
    this.move =
        """
        UPDATE %s w SET "position" = ?, "moved_at" = clock_timestamp()
        FROM (SELECT set_config('lock_timeout',
                CASE WHEN set_config('inbox.lock_timeout', current_setting('lock_timeout'), true) IS NOT NULL THEN %s END,
                true) AS during) wait
        WHERE w."tenant" = ? AND w."consumer" = ? AND w."stream" = ? AND w."partition" = ?
          AND w."epoch" = ? AND w."position" = ? AND wait.during IS NOT NULL
        RETURNING set_config('lock_timeout', current_setting('inbox.lock_timeout'), true)"""
            .formatted(table, wait);
    // Locks: none. Index: the primary key. Puts the timeout back if a move has set it.
    this.read =
        """
        SELECT w."epoch", w."position", back.done
        FROM (SELECT set_config('lock_timeout',
                coalesce(nullif(current_setting('inbox.lock_timeout', true), ''), current_setting('lock_timeout')),
                true) AS done) back
        LEFT JOIN %s w
          ON w."tenant" = ? AND w."consumer" = ? AND w."stream" = ? AND w."partition" = ?"""
            .formatted(table);
  }

  @Override
  public Mark takeOver(Connection connection, WatermarkKey key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(bound)) {
      statement.execute();
    }
    for (int round = 0; round < ROUNDS; round++) {
      @Nullable Mark taken = mark(connection, take, key);
      if (taken == null) {
        taken = mark(connection, create, key);
      }
      if (taken != null) {
        return taken;
      }
      // Another owner created the row in between: now it can be taken.
    }
    throw new IntegrityException(
        "IBX-142",
        "the database says that the watermark "
            + key
            + " is there, but this role cannot see it (row-level security hides it? name the tenant of the messages; or the table has a second unique index)");
  }

  private static @Nullable Mark mark(Connection connection, String sql, WatermarkKey key)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, 1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? new Mark(row.getLong(1), row.getLong(2)) : null;
      }
    }
  }

  @Override
  public Move move(Connection connection, WatermarkKey key, Mark from, long to)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(move)) {
      statement.setLong(1, to);
      bind(statement, 2, key);
      statement.setLong(6, from.epoch());
      statement.setLong(7, from.position());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Move.MOVED : Move.ELSEWHERE;
      }
    } catch (SQLException e) {
      if (SqlError.of(e) == SqlError.LOCK_TIMEOUT) {
        return Move.BUSY;
      }
      throw e;
    }
  }

  @Override
  public Optional<Mark> read(Connection connection, WatermarkKey key) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(read)) {
      bind(statement, 1, key);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        long epoch = row.getLong(1);
        return row.wasNull() ? Optional.empty() : Optional.of(new Mark(epoch, row.getLong(2)));
      }
    }
  }

  private static void bind(PreparedStatement statement, int from, WatermarkKey key)
      throws SQLException {
    statement.setString(from, key.tenant());
    statement.setString(from + 1, key.consumer());
    statement.setString(from + 2, key.stream());
    statement.setInt(from + 3, key.partition());
  }
}
