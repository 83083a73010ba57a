package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.benchmarks.Foreground.Slice;
import io.inbox.postgres.PostgresStore;
import io.inbox.reconciler.Collector;
import io.inbox.reconciler.CollectorReport;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.JobResult.Done;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Eight threads handle messages, in slices that take turns: with a collector at work beside them,
 * and without.
 */
final class CollectorForeground {
  static final int THREADS = 8;
  private static final Duration SLICE = Duration.ofSeconds(4);

  private final DurablePostgres server;
  private final List<Feed.Lane> lanes = new ArrayList<>();
  private final List<Double> with = new ArrayList<>();
  private final List<Double> without = new ArrayList<>();
  private final List<Double> p99Ratios = new ArrayList<>();
  private final List<Double> rateRatios = new ArrayList<>();
  private final List<Double> collected = new ArrayList<>();

  CollectorForeground(DurablePostgres server) {
    this.server = server;
    Feed feed = new Feed();
    for (int i = 0; i < THREADS; i++) {
      lanes.add(feed.lane(i));
    }
  }

  void run(int rounds, Results results, Map<String, Object> details)
      throws SQLException, InterruptedException {
    try (Inbox inbox =
            Inbox.builder("library", PostgresStore.create(), server.dataSource()).build();
        Foreground foreground =
            new Foreground(new InboxContender("process", inbox, 1, false), lanes)) {
      slice(foreground, false); // warm up
      slice(foreground, true);
      for (int round = 0; round < rounds && DueRows.count(server) > 0; round++) {
        Slice one = slice(foreground, round % 2 == 0);
        Slice other = slice(foreground, round % 2 != 0);
        compare(round % 2 == 0 ? one : other, round % 2 == 0 ? other : one);
      }
    }
    long deadlocks =
        server.number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
    Spread ratio = Spread.of(p99Ratios);
    results.put("collector_foreground_p99_ratio", ratio);
    details.put("foreground_p99_ms_without", Results.round(Spread.of(without).median()));
    details.put("foreground_p99_ms_with", Results.round(Spread.of(with).median()));
    details.put("foreground_rate_ratio", Results.round(Spread.of(rateRatios).median()));
    details.put("collected_per_s_beside", Math.round(Spread.of(collected).median()));
    details.put("foreground_rounds", p99Ratios.size());
    details.put("deadlocks", deadlocks);
    System.out.printf(
        Locale.ROOT,
        "p99 of process %s ms without and %s ms with a collector beside it: collector_foreground_p99_ratio = %s (bar 2)%n  rate %s of that without, %s rows/s collected meanwhile, %d deadlocks%n",
        Spread.of(without),
        Spread.of(with),
        ratio,
        Spread.of(rateRatios),
        Spread.of(collected),
        deadlocks);
    if (deadlocks > 0) {
      throw new IllegalStateException(deadlocks + " deadlocks");
    }
  }

  private void compare(Slice busy, Slice free) {
    with.add(busy.p99());
    without.add(free.p99());
    p99Ratios.add(busy.p99() / free.p99());
    rateRatios.add(busy.calls() / busy.seconds() / (free.calls() / free.seconds()));
    collected.add(busy.beside() / busy.seconds());
  }

  private Slice slice(Foreground foreground, boolean collecting)
      throws SQLException, InterruptedException {
    server.execute("CHECKPOINT");
    return foreground.slice(SLICE.toNanos(), () -> collecting ? collect() : 0L);
  }

  private long collect() {
    JobResult<CollectorReport> result =
        Collector.builder(PostgresStore.create(), server.dataSource()).maxTime(SLICE).build().run();
    return ((Done<CollectorReport>) result).value().messages();
  }
}
