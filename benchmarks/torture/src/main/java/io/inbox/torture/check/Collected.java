package io.inbox.torture.check;

import io.inbox.reconciler.Collector;
import io.inbox.reconciler.JobResult;
import io.inbox.torture.plan.Aged;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Every key that was deleted had been handled longer ago than its consumer's window and the margin,
 * by the database's clock, and was on no hold; after one more run no key is left that was due.
 */
final class Collected implements Checker {
  private static final int TRIES = 100;

  @Override
  public Invariant invariant() {
    return Invariant.I9;
  }

  @Override
  public List<String> violations(Evidence evidence) throws SQLException {
    List<String> found = new ArrayList<>();
    Map<String, Duration> windows = new HashMap<>();
    Query.each(
        evidence,
        """
        SELECT "consumer", "dedupe_window_seconds" FROM "inbox"."consumer\"""",
        row -> windows.put(row.getString(1), Duration.ofSeconds(row.getLong(2))));
    long during = Query.number(evidence, "SELECT count(*) FROM collected");
    OffsetDateTime[] due = new OffsetDateTime[1];
    Query.each(
        evidence,
        "SELECT CURRENT_TIMESTAMP",
        row ->
            due[0] = row.getObject(1, OffsetDateTime.class).minus(Aged.WINDOW).minus(Aged.MARGIN));
    // The first goes on where a run was cut short, so only the second sees every key.
    boolean continued = collect(evidence);
    if (!continued || !collect(evidence)) {
      found.add("the collector could not end a run");
    }
    evidence.note("keys collected during the run: " + during);
    found.addAll(early(evidence, windows));
    found.addAll(
        Query.violations(
            evidence,
            "collected twice",
            "SELECT tenant, consumer, source, message_id, count(*) FROM collected"
                + " GROUP BY tenant, consumer, source, message_id HAVING count(*) > 1"));
    found.addAll(left(evidence, due[0]));
    return found;
  }

  /** Another run; a worker that was killed may have the job until its lease is over. */
  private static boolean collect(Evidence evidence) {
    Collector collector =
        evidence
            .housekeeping()
            .collector(evidence.store(), evidence.database())
            .batchTarget(Duration.ofSeconds(1)) // nobody waits
            .build();
    for (int i = 0; i < TRIES; i++) {
      if (collector.run() instanceof JobResult.Done) {
        return true;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    return false;
  }

  private static List<String> early(Evidence evidence, Map<String, Duration> windows)
      throws SQLException {
    Query.Found found = new Query.Found();
    Query.each(
        evidence,
        "SELECT tenant, consumer, source, message_id, handled_at, deleted_at FROM collected",
        row -> {
          String key =
              row.getString(1)
                  + " "
                  + row.getString(2)
                  + " "
                  + row.getString(3)
                  + " "
                  + row.getString(4);
          @Nullable Duration window = windows.get(row.getString(2));
          Duration age =
              Duration.between(
                  row.getObject(5, OffsetDateTime.class), row.getObject(6, OffsetDateTime.class));
          if (window == null || age.compareTo(window.plus(Aged.MARGIN)) < 0) {
            found.add(
                "collected when it was " + age + " old, its window is " + window + ": " + key);
          }
          if (row.getString(1).equals(Aged.HELD_TENANT)) {
            found.add("collected while on hold: " + key);
          }
        });
    return found.lines();
  }

  private static List<String> left(Evidence evidence, OffsetDateTime due) throws SQLException {
    Query.Found found = new Query.Found();
    int[] there = new int[1];
    Query.each(
        evidence,
        """
        SELECT "tenant", "message_id", "handled_at" FROM "inbox"."message" WHERE "consumer" = '%s'"""
            .formatted(Aged.CONSUMER),
        row -> {
          there[0]++;
          OffsetDateTime handled = row.getObject(3, OffsetDateTime.class);
          if (handled.isBefore(due) && !row.getString(1).equals(Aged.HELD_TENANT)) {
            found.add("due and not collected: " + row.getString(1) + " " + row.getString(2));
          }
        });
    long gone =
        Query.number(
            evidence, "SELECT count(*) FROM collected WHERE consumer = '" + Aged.CONSUMER + "'");
    if (there[0] + gone != Aged.ALL) {
      found.add("of %d keys %d are left and %d were collected".formatted(Aged.ALL, there[0], gone));
    }
    return found.lines();
  }
}
