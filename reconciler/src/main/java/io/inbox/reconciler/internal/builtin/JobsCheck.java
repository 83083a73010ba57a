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

/** Jobs whose last success is too long ago, or whose last run failed. */
public final class JobsCheck extends BuiltIn {
  public JobsCheck(BuiltInOptions options) {
    super("jobs", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    // Reads the whole table, which has a row for each job.
    String sql =
        """
        SELECT "job", "every_seconds", "registered_at", "finished_at", "succeeded_at", "outcome", "detail"
        FROM %s ORDER BY "job"
        """
            .formatted(table(run, "job"));
    for (Row row : Query.list(run, sql, Row::of)) {
      row.tell(run);
    }
    return true;
  }

  /** What is known about a job. */
  private record Row(
      String job,
      @Nullable Duration every,
      Instant since,
      @Nullable Instant finishedAt,
      boolean failed,
      @Nullable String detail) {
    static Row of(ResultSet row) throws SQLException {
      long seconds = row.getLong("every_seconds");
      @Nullable Duration every = row.wasNull() ? null : Duration.ofSeconds(seconds);
      @Nullable Instant succeeded = Times.read(row, "succeeded_at");
      return new Row(
          row.getString("job"),
          every,
          succeeded == null ? Objects.requireNonNull(Times.read(row, "registered_at")) : succeeded,
          Times.read(row, "finished_at"),
          "FAILED".equals(row.getString("outcome")),
          row.getString("detail"));
    }

    void tell(CheckRun run) throws SQLException {
      if (every != null && since.plus(every).isBefore(run.now())) {
        run.found(
            Sighting.error("JOB_OVERDUE", job)
                .cause("a job has not succeeded for too long")
                .happenedAt(since)
                .detail(
                    "job "
                        + job
                        + " has not succeeded since "
                        + since
                        + ", it is expected every "
                        + every
                        + " (is its timer running? inbox status shows its last run)")
                .build());
      }
      if (failed) {
        run.found(
            Sighting.warning("JOB_FAILED", job)
                .cause("the last run of a job failed")
                .happenedAt(finishedAt)
                .detail("the last run of job " + job + " failed: " + detail)
                .build());
      }
    }
  }
}
