package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Consumers whose keys should have been collected long ago. */
public final class CollectorCheck extends BuiltIn {
  public CollectorCheck(BuiltInOptions options) {
    super("collector", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    // Reads both tables, which have a row for each consumer and each rule.
    String sql =
        """
        SELECT c."consumer", c."dedupe_window_seconds", c."purge_horizon", c."registered_at",
          (SELECT MAX(r."keep_seconds") FROM %s r
           WHERE r."scope" = 'CONSUMER' AND (r."consumer" = c."consumer" OR r."consumer" = '')) AS "keep"
        FROM %s c ORDER BY c."consumer"
        """
            .formatted(table(run, "retention"), table(run, "consumer"));
    for (Row row : Query.list(run, sql, Row::of)) {
      Instant due = run.now().minus(row.kept()).minus(options.collectorLag);
      if (row.collectedUntil().isBefore(due)) {
        run.found(row.behind());
      }
    }
    return true;
  }

  /**
   * How long a consumer's keys are kept, and how far they were collected.
   *
   * @param since when it was registered: it has no older keys, unless they were recorded afterwards
   */
  private record Row(String consumer, Duration kept, @Nullable Instant horizon, Instant since) {
    static Row of(ResultSet row) throws SQLException {
      long seconds = Math.max(row.getLong("dedupe_window_seconds"), row.getLong("keep"));
      return new Row(
          row.getString("consumer"),
          Duration.ofSeconds(Math.min(seconds, Duration.ofDays(36_500).toSeconds())),
          Times.read(row, "purge_horizon"),
          Objects.requireNonNull(Times.read(row, "registered_at")));
    }

    Instant collectedUntil() {
      return horizon == null ? since : horizon;
    }

    Sighting behind() {
      return Sighting.warning("COLLECTOR_BEHIND", consumer)
          .consumer(consumer)
          .cause("keys are not collected")
          .happenedAt(horizon)
          .detail(
              "keys of "
                  + consumer
                  + " are kept for "
                  + kept.toDays()
                  + " days, and "
                  + (horizon == null
                      ? "none was ever collected"
                      : "those from before " + horizon + " were collected last")
                  + " (run inbox gc, or the Collector, every day)")
          .build();
    }
  }
}
