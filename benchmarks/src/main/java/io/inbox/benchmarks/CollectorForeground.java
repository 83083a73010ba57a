package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.postgres.PostgresStore;
import io.inbox.reconciler.Collector;
import io.inbox.reconciler.CollectorReport;
import io.inbox.reconciler.JobResult;
import io.inbox.reconciler.JobResult.Done;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Eight threads handle messages, in slices that take turns: with a collector at work beside them,
 * and without.
 */
final class CollectorForeground {
  static final int THREADS = 8;
  private static final Duration SLICE = Duration.ofSeconds(4);

  private final DurablePostgres server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
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

  /** What a slice has seen. */
  private record Slice(double p99Millis, double perSecond, double collectedPerSecond) {}

  void run(int rounds, Results results, Map<String, Object> details)
      throws SQLException, InterruptedException {
    try (Inbox inbox =
        Inbox.builder("library", PostgresStore.create(), server.dataSource()).build()) {
      Contender library = new InboxContender("process", inbox, 1, false);
      slice(library, false); // warm up
      slice(library, true);
      for (int round = 0; round < rounds && DueRows.count(server) > 0; round++) {
        Slice one = slice(library, round % 2 == 0);
        Slice other = slice(library, round % 2 != 0);
        compare(round % 2 == 0 ? one : other, round % 2 == 0 ? other : one);
      }
    } finally {
      threads.shutdownNow();
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
    with.add(busy.p99Millis());
    without.add(free.p99Millis());
    p99Ratios.add(busy.p99Millis() / free.p99Millis());
    rateRatios.add(busy.perSecond() / free.perSecond());
    collected.add(busy.collectedPerSecond());
  }

  private Slice slice(Contender library, boolean collecting)
      throws SQLException, InterruptedException {
    server.execute("CHECKPOINT");
    long start = System.nanoTime();
    long end = start + SLICE.toNanos();
    Future<Long> collector = threads.submit(() -> collecting ? collect() : 0L);
    List<Callable<long[]>> workers = new ArrayList<>();
    for (Feed.Lane lane : lanes) {
      workers.add(() -> handle(library, lane, end));
    }
    List<Future<long[]>> running = new ArrayList<>();
    workers.forEach(worker -> running.add(threads.submit(worker)));
    try {
      long[] all = new long[0];
      for (Future<long[]> worker : running) {
        long[] more = worker.get();
        all = Arrays.copyOf(all, all.length + more.length);
        System.arraycopy(more, 0, all, all.length - more.length, more.length);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      long removed = collector.get();
      Arrays.sort(all);
      return new Slice(
          all[(int) (all.length * 0.99)] / 1e6, all.length / seconds, removed / seconds);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a slice failed", e.getCause());
    }
  }

  private static long[] handle(Contender library, Feed.Lane lane, long end) throws Exception {
    long[] nanos = new long[1024];
    int count = 0;
    long before = System.nanoTime();
    while (before < end) {
      library.handle(lane);
      long after = System.nanoTime();
      if (count == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * count);
      }
      nanos[count++] = after - before;
      before = after;
    }
    return Arrays.copyOf(nanos, count);
  }

  private long collect() {
    JobResult<CollectorReport> result =
        Collector.builder(PostgresStore.create(), server.dataSource()).maxTime(SLICE).build().run();
    return ((Done<CollectorReport>) result).value().messages();
  }
}
