package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;

/** Slots in which messages wait and no relay has the lease; jobs whose owner died or hangs. */
public final class LeasesCheck extends BuiltIn {
  public LeasesCheck(BuiltInOptions options) {
    super("leases", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    slots(run);
    jobs(run);
    return true;
  }

  private void slots(CheckRun run) throws SQLException {
    // Reads the slots, and the first row of outbox and outbox_parked for each by their primary
    // keys.
    String sql =
        """
        SELECT s."slot", s."owner", s."lease_until" FROM %s s
        WHERE (s."lease_until" IS NULL OR s."lease_until" < ?)
          AND (EXISTS (SELECT 1 FROM %s o WHERE o."slot" = s."slot" AND o."appended_at" < ?)
            OR EXISTS (SELECT 1 FROM %s p WHERE p."slot" = s."slot"))
        ORDER BY s."slot"
        """
            .formatted(
                table(run, "outbox_slot"), table(run, "outbox"), table(run, "outbox_parked"));
    Instant limit = run.now().minus(options.leaseGrace);
    for (Sighting sighting : Query.list(run, sql, LeasesCheck::abandoned, limit, limit)) {
      run.found(sighting);
    }
  }

  private static Sighting abandoned(ResultSet row) throws SQLException {
    Instant until = Times.read(row, "lease_until");
    String owner = row.getString("owner");
    return Sighting.error("SLOT_WITHOUT_RELAY", "slot " + row.getInt("slot"))
        .cause("no relay owns the slot")
        .happenedAt(until)
        .detail(
            "messages wait in slot "
                + row.getInt("slot")
                + ", and "
                + (owner == null || until == null
                    ? "no relay owns it"
                    : "the lease of " + owner + " was over at " + until)
                + " (start a relay)")
        .build();
  }

  private void jobs(CheckRun run) throws SQLException {
    // Reads the whole table, which has a row for each job.
    String sql =
        """
        SELECT "job", "owner", "lease_until", "started_at" FROM %s
        WHERE "owner" IS NOT NULL AND ("lease_until" < ? OR "started_at" < ?) ORDER BY "job"
        """
            .formatted(table(run, "job"));
    Instant dead = run.now().minus(options.leaseGrace);
    Instant hanging = run.now().minus(options.jobAge);
    for (Sighting sighting : Query.list(run, sql, row -> job(row, dead), dead, hanging)) {
      run.found(sighting);
    }
  }

  private static Sighting job(ResultSet row, Instant dead) throws SQLException {
    Instant until = Objects.requireNonNull(Times.read(row, "lease_until"));
    Instant since = Objects.requireNonNull(Times.read(row, "started_at"));
    String job = row.getString("job");
    String owner = row.getString("owner");
    return until.isBefore(dead)
        ? Sighting.warning("JOB_DIED", job)
            .cause("the owner of a job died while it ran")
            .happenedAt(until)
            .detail(
                "job "
                    + job
                    + " was run by "
                    + owner
                    + " since "
                    + since
                    + " and its lease was over at "
                    + until
                    + " (look into the log of that process; the next run goes on)")
            .build()
        : Sighting.warning("JOB_RUNS_LONG", job)
            .cause("a job runs for long")
            .happenedAt(since)
            .detail(
                "job "
                    + job
                    + " is being run by "
                    + owner
                    + " since "
                    + since
                    + " (give it a budget of time, or look what it waits for)")
            .build();
  }
}
