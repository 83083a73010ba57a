package io.inbox.benchmarks;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures {@code process} and {@code processBatch} against JDBC by hand, on eight threads.
 *
 * <p>All contenders race each other, three ways to bound the wait by hand among them. The library
 * is measured against the one of these that turned out best, a choice that favours JDBC. One of
 * them runs twice: the distance of the second from 1 is the noise.
 */
final class HotPath {
  private static final int THREADS = 8;

  /** Behind all ids of the race, whose books are closed by then. */
  private static final long FIRST_UNRACED = 100_000_000_000L;

  private final Arena arena;
  private final int sliceMillis;
  private final int rounds;
  private final Results results;
  private final Map<String, Object> details = new LinkedHashMap<>();

  private HotPath(Arena arena, Results results, int sliceMillis, int rounds) {
    this.arena = arena;
    this.results = results;
    this.sliceMillis = sliceMillis;
    this.rounds = rounds;
  }

  /** Puts its figures into the results. */
  static void run(int sliceMillis, int rounds, Results results)
      throws IOException, SQLException, InterruptedException {
    try (Arena arena = Arena.open(THREADS, true)) {
      new HotPath(arena, results, sliceMillis, rounds).measure();
    }
  }

  private void measure() throws SQLException, InterruptedException {
    Map<String, String> settings = arena.server().settings();
    System.out.println(DurablePostgres.line(settings));
    Map<String, Object> machine = Results.machine(arena.server());
    machine.put("threads", THREADS);
    machine.put("pool", THREADS);
    machine.put("slice_ms", sliceMillis);
    machine.put("rounds", rounds);
    System.out.println(machine);
    double before = Results.load();
    figure("process_vs_jdbc", 1, 0.95);
    figure("batch100_vs_jdbc", Arena.BATCH, 0.95);
    arena.audit();
    allocation();
    machine.put("load_average_before", before);
    machine.put("load_average_after", Results.load());
    results.put("settings", settings);
    results.put("machine", machine);
    results.put("details", details);
  }

  private void figure(String key, int batch, double bar) throws SQLException, InterruptedException {
    Contender library = arena.library(batch, false);
    List<Contender> bounded = arena.bounded(batch);
    Contender again = arena.byHand(Bound.FUNCTIONS, batch, false, " again");
    Contender timed = arena.library(batch, true);
    Contender timedByHand = arena.byHand(Bound.FUNCTIONS, batch, true, "");
    Contender unbounded = arena.byHand(Bound.NONE, batch, false, "");
    List<Contender> contenders = new ArrayList<>(bounded);
    contenders.addAll(1, List.of(library, timed));
    contenders.addAll(List.of(timedByHand, again, unbounded));
    Rates rates = arena.run(contenders, sliceMillis, rounds);
    String best =
        bounded.stream()
            .map(Contender::label)
            .max(Comparator.comparing(label -> rates.ratio(label, unbounded.label()).median()))
            .orElseThrow();
    String functions = arena.byHand(Bound.FUNCTIONS, batch, false, "").label();
    Spread ratio = rates.ratio(library.label(), best);
    Spread noise = rates.ratio(again.label(), functions);
    Spread withTime = rates.ratio(timed.label(), timedByHand.label());
    rates.print(batch == 1 ? "One message to a commit" : batch + " messages to a commit", best);
    System.out.printf(
        Locale.ROOT,
        "%s = %s over %s (bar %.2f)%n  both with message times %s; noise, FUNCTIONS over itself %s%n",
        key,
        ratio,
        best,
        bar,
        withTime,
        noise);
    results.put(key, ratio);
    results.put(key + "_denominator", best);
    results.put(
        key + "_unbounded",
        Results.round(rates.ratio(library.label(), unbounded.label()).median()));
    results.put(key + "_with_message_time", Results.round(withTime.median()));
    results.put(key + "_noise", noise);
    details.put(key, rates.detail(best));
  }

  /** What a call leaves to the garbage collector, the driver's part included: for information. */
  private void allocation() throws InterruptedException {
    Map<String, Object> bytes = new LinkedHashMap<>();
    try (Load load = new Load(new Feed(FIRST_UNRACED), 1)) {
      for (int batch : List.of(1, Arena.BATCH)) {
        for (Contender contender :
            List.of(arena.library(batch, false), arena.byHand(Bound.FUNCTIONS, batch, false, ""))) {
          load.forMillis(contender, sliceMillis);
          double each = load.forMillis(contender, sliceMillis).allocatedPerMessage();
          bytes.put(contender.label() + ", " + batch + " to a commit", Math.round(each));
          if (batch == 1) {
            results.put(
                contender instanceof InboxContender
                    ? "process_allocated_bytes"
                    : "process_allocated_bytes_jdbc",
                Math.round(each));
          }
        }
      }
    }
    System.out.println("bytes allocated for a message: " + bytes);
    details.put("allocated_bytes_per_message", bytes);
  }
}
