package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;

/**
 * Messages whose handling failed, that were neither handled nor given up afterwards, and that have
 * not been delivered again for long: the broker may have forgotten them.
 */
public final class UnfinishedCheck extends BuiltIn {
  private static final int MOST = 10_000;

  public UnfinishedCheck(BuiltInOptions options) {
    super("unfinished", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    // Reads attempt, which has a row for each key that ever failed, and message by its primary key.
    String sql =
        """
        SELECT a."tenant", a."consumer", a."source", a."message_id", a."attempts", a."last_failed_at" FROM %s a
        WHERE a."last_failed_at" < ? AND NOT EXISTS (
          SELECT 1 FROM %s m WHERE m."tenant" = a."tenant" AND m."consumer" = a."consumer"
            AND m."source" = a."source" AND m."message_id" = a."message_id")
        FETCH FIRST %s ROWS ONLY
        """
            .formatted(table(run, "attempt"), table(run, "message"), MOST);
    Instant limit = run.now().minus(options.unfinishedAge);
    int found = 0;
    for (Sighting sighting : Query.list(run, sql, UnfinishedCheck::unfinished, limit)) {
      run.found(sighting);
      found++;
    }
    if (found == MOST) {
      run.stopped("there are more than " + MOST + " unfinished messages");
    }
    return found < MOST;
  }

  private static Sighting unfinished(ResultSet row) throws SQLException {
    Instant last = Objects.requireNonNull(Times.read(row, "last_failed_at"));
    return Sighting.error("FAILED_AND_NOT_REDELIVERED", row.getString("message_id"))
        .tenant(row.getString("tenant"))
        .consumer(row.getString("consumer"))
        .source(row.getString("source"))
        .cause("a failed message was not delivered again")
        .happenedAt(last)
        .detail(
            "failed "
                + row.getInt("attempts")
                + " times, last at "
                + last
                + ", and was not delivered since (is its consumer running? else have the producer"
                + " send it again)")
        .build();
  }
}
