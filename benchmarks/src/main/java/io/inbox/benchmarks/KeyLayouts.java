package io.inbox.benchmarks;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Compares ways to store the message key: {@code layouts [rows]}, where rows (default 1,000,000) is
 * loaded twice into each table before anything is timed.
 *
 * <p>Every phase is cut into short slices that visit all layouts in turn, and the order rotates, so
 * that noise of the machine hits all of them; rates are ratios to layout A in the same slice,
 * medians over all slices (in brackets the quartiles). Layout A runs twice: the distance of the
 * second from 1 is the noise. A checkpoint is made before each round, so batches (which come first)
 * also pay for full page images.
 */
final class KeyLayouts {
  private static final int THREADS = 8;
  private static final int ROUNDS = 4;
  private static final int SLICES = 8;
  private static final int LOAD_BATCH = 2_000;

  /** Rows of one slice. */
  private static final long BATCHED = 5_000;

  private static final long SINGLE = 1_500;
  private static final long LOOKUPS = 2_000;

  private enum Phase {
    BATCH,
    SINGLE,
    DUPLICATE,
    WINNER,
    SCAN_FIRST,
    SCAN
  }

  /** What was seen of one layout: sizes and log per million, and one value per round and phase. */
  private static final class Seen {
    final List<Double> heap = new ArrayList<>();
    final List<Double> index = new ArrayList<>();
    final List<Double> loadWal = new ArrayList<>();
    final List<Double> batchWal = new ArrayList<>();
    final List<Double> singleWal = new ArrayList<>();
    final Map<Phase, List<Double>> values = new EnumMap<>(Phase.class);

    void add(Phase phase, double value) {
      values.computeIfAbsent(phase, p -> new ArrayList<>()).add(value);
    }

    List<Double> of(Phase phase) {
      return values.getOrDefault(phase, List.of());
    }
  }

  private final DurablePostgres server;
  private final ExecutorService threads;
  private final long rows;

  private KeyLayouts(DurablePostgres server, ExecutorService threads, long rows) {
    this.server = server;
    this.threads = threads;
    this.rows = rows;
  }

  static void run(long rows) throws IOException, SQLException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (DurablePostgres server = DurablePostgres.start(THREADS + 1, "4GB")) {
      System.out.println(DurablePostgres.line(server.settings()));
      System.out.printf(
          Locale.ROOT,
          "processors=%d threads=%d rows=2 x %d rounds=%d x %d slices%n",
          Runtime.getRuntime().availableProcessors(),
          THREADS,
          rows,
          ROUNDS,
          SLICES);
      for (MessageIds ids : MessageIds.values()) {
        new KeyLayouts(server, threads, rows).compare(ids);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void compare(MessageIds ids) throws SQLException, InterruptedException {
    List<LayoutRun> runs = new ArrayList<>();
    Map<Layout, Seen> seen = new EnumMap<>(Layout.class);
    for (Layout layout : Layout.values()) {
      server.execute(layout.create());
      runs.add(new LayoutRun(layout, ids, server, threads, THREADS));
      seen.put(layout, new Seen());
    }
    load(runs, seen);
    load(runs, seen);
    round(runs, seen, 1);
    seen.values().forEach(KeyLayouts::forgetWarmUp);
    for (int round = 0; round < ROUNDS; round++) {
      round(runs, seen, SLICES);
    }
    scans(runs, seen);
    print(ids, seen);
    for (Layout layout : Layout.values()) {
      server.execute("DROP TABLE " + layout.table());
    }
  }

  private static void forgetWarmUp(Seen seen) {
    seen.values.clear();
    seen.batchWal.clear();
    seen.singleWal.clear();
  }

  /** Sizes are read after each load; a checkpoint before each makes the log comparable. */
  private void load(List<LayoutRun> runs, Map<Layout, Seen> seen)
      throws SQLException, InterruptedException {
    for (LayoutRun run : runs) {
      server.execute("CHECKPOINT");
      Seen here = of(seen, run);
      here.loadWal.add(run.claimBatches(rows, LOAD_BATCH).walPerRow());
      server.execute("VACUUM (ANALYZE) " + run.layout().table());
      here.heap.add(run.heapBytes() / 1e6);
      here.index.add(run.indexBytes() / 1e6);
      System.err.println("loaded " + run.layout().label);
    }
  }

  private void round(List<LayoutRun> runs, Map<Layout, Seen> seen, int slices)
      throws SQLException, InterruptedException {
    server.execute("CHECKPOINT");
    for (Phase phase : List.of(Phase.BATCH, Phase.SINGLE, Phase.DUPLICATE, Phase.WINNER)) {
      for (int slice = 0; slice < slices; slice++) {
        Collections.rotate(runs, 1);
        for (LayoutRun run : runs) {
          slice(run, of(seen, run), phase);
        }
      }
    }
  }

  private static void slice(LayoutRun run, Seen here, Phase phase)
      throws SQLException, InterruptedException {
    LayoutRun.Cost cost =
        switch (phase) {
          case BATCH -> run.claimBatches(BATCHED, 100);
          case SINGLE -> run.claimOneByOne(SINGLE);
          case DUPLICATE -> run.claimDuplicates(LOOKUPS);
          case WINNER -> run.readWinners(LOOKUPS);
          case SCAN, SCAN_FIRST -> throw new IllegalArgumentException(phase + " has no slices");
        };
    here.add(phase, cost.perSecond());
    if (phase == Phase.BATCH) {
      here.batchWal.add(cost.walPerRow());
    } else if (phase == Phase.SINGLE) {
      here.singleWal.add(cost.walPerRow());
    }
  }

  private void scans(List<LayoutRun> runs, Map<Layout, Seen> seen) throws SQLException {
    for (LayoutRun run : runs) {
      server.execute("VACUUM (ANALYZE) " + run.layout().table());
    }
    for (int round = 0; round < 3; round++) {
      for (LayoutRun run : runs) {
        LayoutRun.Scan scan = run.scan();
        of(seen, run).add(Phase.SCAN_FIRST, scan.firstSeconds() * 1000);
        of(seen, run).add(Phase.SCAN, scan.totalSeconds() * 1000);
      }
    }
  }

  private static void print(MessageIds ids, Map<Layout, Seen> seen) {
    Seen base = get(seen, Layout.A);
    System.out.printf(
        Locale.ROOT,
        "%n%s ids; layout A: single %.0f/s, batches of 100 %.0f rows/s, duplicates %.0f/s, winners %.0f/s%n",
        ids,
        median(base.of(Phase.SINGLE)),
        median(base.of(Phase.BATCH)),
        median(base.of(Phase.DUPLICATE)),
        median(base.of(Phase.WINNER)));
    System.out.println(
        "| layout | heap MB | index MB | WAL B/row load | batch | single "
            + "| single (quartiles) | batch 100 (quartiles) | duplicate | winner | scan first/all ms |");
    System.out.println("|---|---|---|---|---|---|---|---|---|---|---|");
    seen.forEach(
        (layout, here) ->
            System.out.printf(
                Locale.ROOT,
                "| %s | %.0f, %.0f | %.0f, %.0f | %.0f, %.0f | %.0f | %.0f | %s | %s | %.2f | %.2f | %.0f/%.0f |%n",
                layout.label,
                here.heap.get(0),
                here.heap.get(1),
                here.index.get(0),
                here.index.get(1),
                here.loadWal.get(0),
                here.loadWal.get(1),
                mean(here.batchWal),
                mean(here.singleWal),
                spread(ratios(here, base, Phase.SINGLE)),
                spread(ratios(here, base, Phase.BATCH)),
                median(ratios(here, base, Phase.DUPLICATE)),
                median(ratios(here, base, Phase.WINNER)),
                median(here.of(Phase.SCAN_FIRST)),
                median(here.of(Phase.SCAN))));
  }

  private static List<Double> ratios(Seen here, Seen base, Phase phase) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < base.of(phase).size(); round++) {
      ratios.add(here.of(phase).get(round) / base.of(phase).get(round));
    }
    return ratios;
  }

  private static String spread(List<Double> values) {
    return Spread.of(values).toString();
  }

  private static double median(List<Double> values) {
    return Spread.of(values).median();
  }

  /** For the log: full page images come first, so a median would hide them. */
  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  private static Seen of(Map<Layout, Seen> seen, LayoutRun run) {
    return get(seen, run.layout());
  }

  private static Seen get(Map<Layout, Seen> seen, Layout layout) {
    Seen here = seen.get(layout);
    if (here == null) {
      throw new IllegalStateException("layout " + layout + " was not run");
    }
    return here;
  }
}
