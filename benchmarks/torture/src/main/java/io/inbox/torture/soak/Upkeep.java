package io.inbox.torture.soak;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.postgres.PostgresStore;
import io.inbox.reconciler.BuiltInChecks;
import io.inbox.reconciler.Collector;
import io.inbox.reconciler.Effects;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.FindingQuery;
import io.inbox.reconciler.Findings;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.Jobs;
import io.inbox.reconciler.PairCheck;
import io.inbox.reconciler.ReconcileReport;
import io.inbox.reconciler.Reconciler;
import io.inbox.reconciler.Schedule;
import io.inbox.reconciler.ScheduledJob;
import io.inbox.torture.soak.Violation.Name;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Collector and reconciler on their schedules.
 *
 * <p>The collector adds an hour at least to every window. So that tables are full within minutes,
 * its sessions, and no others, find a clock that is an hour ahead; the purge horizons that it
 * publishes are those of the window alone.
 */
final class Upkeep implements AutoCloseable {
  private static final String RECONCILE = "reconcile";
  private static final Duration MARGIN = Duration.ofHours(1);
  private static final Duration LONGEST_GAP = Duration.ofMinutes(1);

  private final PostgresStore store = PostgresStore.create();
  private final HikariDataSource reconcilerPool;
  private final Reconciler reconciler;
  private final List<ScheduledJob> jobs = new ArrayList<>();

  private Upkeep(SoakServer server, Timetable times) {
    HikariDataSource collectorPool = server.pool("soak-gc", 2, "ahead, pg_catalog, public");
    reconcilerPool = server.pool("soak-reconcile", 5, "public");
    Collector collector =
        Collector.builder(store, collectorPool)
            .margin(MARGIN)
            .keepDeadLetters(MARGIN.plus(times.window()))
            .build();
    reconciler = reconciler(times);
    jobs.add(collector.schedule(Schedule.every(times.collectEvery())));
    jobs.add(reconciler.schedule(Schedule.every(times.reconcileEvery())));
    // A schedule expects a success with a tenth on top, and a run beside a load takes as it comes.
    Jobs expected = Jobs.open(store, reconcilerPool);
    expected.expect(Collector.JOB, longest(times.collectEvery()));
    expected.expect(RECONCILE, longest(times.reconcileEvery()));
  }

  static Upkeep start(SoakServer server, Timetable times) {
    return new Upkeep(server, times);
  }

  private static Duration longest(Duration every) {
    Duration several = every.multipliedBy(10);
    return several.compareTo(LONGEST_GAP) < 0 ? LONGEST_GAP : several;
  }

  private Reconciler reconciler(Timetable times) {
    Reconciler.Builder builder =
        Reconciler.builder(store, reconcilerPool)
            .job(RECONCILE)
            .settle(times.settle())
            .builtInChecks(
                BuiltInChecks.builder()
                    .transactionAge(times.heldFrom().dividedBy(2))
                    .collectorLag(times.lag())
                    .outboxLag(times.lag())
                    .blockedAge(times.lag())
                    .redeliveryHorizon(times.redeliverWithin())
                    .build());
    for (String consumer : Sent.CONSUMERS) {
      Effects effects =
          Effects.select(
              """
              SELECT message_id AS "key" FROM effect
              WHERE consumer = '%s' AND booked_at >= :from AND booked_at < :to"""
                  .formatted(consumer));
      builder.check(
          PairCheck.byMessageId(consumer, consumer, effects)
              .reach(times.reach())
              .slack(times.slack())
              .build());
    }
    return builder.build();
  }

  /** Ends the schedules. */
  @Override
  public void close() {
    jobs.forEach(ScheduledJob::close);
  }

  /**
   * Runs every check once more, and returns what was found that should not have been in all of the
   * run, resolved or not.
   *
   * @param held the server process that held a snapshot: it must have been found, and be gone
   */
  List<Violation> findings(long held) {
    List<Violation> found = new ArrayList<>();
    JobResult<ReconcileReport> last = reconciler.run();
    if (!(last instanceof JobResult.Done<ReconcileReport> done)) {
      found.add(new Violation(Name.FINDINGS, "the last run was not done: " + last));
    } else {
      for (ReconcileReport.CheckReport check : done.value().checks()) {
        check
            .failure()
            .ifPresent(why -> found.add(violation("check " + check.check() + " failed: " + why)));
      }
    }
    Findings findings = Findings.open(store, reconcilerPool);
    List<Finding> ever = new ArrayList<>();
    for (Finding.State state : Finding.State.values()) {
      ever.addAll(findings.list(FindingQuery.first(100).in(state)));
    }
    found.addAll(unexpected(ever, held));
    return found;
  }

  /** Returns what is wrong with all that was ever found. */
  static List<Violation> unexpected(List<Finding> ever, long held) {
    List<Violation> wrong = new ArrayList<>();
    boolean heldWasFound = false;
    for (Finding finding : ever) {
      if (finding.state() == Finding.State.RESOLVED
          && finding.kind().equals("TRANSACTION_OPEN")
          && finding.item().equals("pid " + held)) {
        heldWasFound = true;
      } else {
        wrong.add(violation(finding + ": " + finding.detail().orElse("")));
      }
    }
    if (!heldWasFound) {
      wrong.add(violation("the transaction that was held was not found, and resolved"));
    }
    return wrong;
  }

  private static Violation violation(String what) {
    return new Violation(Name.FINDINGS, what);
  }
}
