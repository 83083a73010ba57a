package io.inbox.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures batches of 100 of which half are redeliveries against batches without any, on eight
 * threads. A redelivery writes nothing, so it should be the cheaper half.
 */
final class DuplicatesRun {
  private static final int THREADS = 8;
  private static final double HALF = 0.5;

  private DuplicatesRun() {}

  /** Puts its figures into the results. */
  static void run(int sliceMillis, int rounds, Results results) throws Exception {
    try (Arena arena = Arena.open(THREADS, true)) {
      Contender none = contender(arena, "0 % duplicates", Arena.BATCH, 0);
      Contender half = contender(arena, "50 % duplicates", Arena.BATCH, HALF);
      Contender again = contender(arena, "0 % duplicates again", Arena.BATCH, 0);
      Contender single = contender(arena, "process, 0 %", 1, 0);
      Contender singleHalf = contender(arena, "process, 50 %", 1, HALF);
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("settings", arena.server().settings());
      Map<String, Object> machine = Results.machine(arena.server());
      machine.put("threads", THREADS);
      machine.put("slice_ms", sliceMillis);
      machine.put("rounds", rounds);
      machine.put("load_average_before", Results.load());
      Rates rates = arena.run(List.of(none, half, again, single, singleHalf), sliceMillis, rounds);
      audit(arena);
      machine.put("load_average_after", Results.load());
      rates.print("Batches of " + Arena.BATCH + " with redeliveries", none.label());
      Spread ratio = rates.ratio(half.label(), none.label());
      System.out.println("dup50_vs_dup0 = " + ratio + " (bar 1.0)");
      results.put("dup50_vs_dup0", ratio);
      results.put("dup50_vs_dup0_noise", rates.ratio(again.label(), none.label()));
      results.put("process_dup50_vs_dup0", rates.ratio(singleHalf.label(), single.label()));
      details.put("machine", machine);
      details.put("rates", rates.detail(none.label()));
      results.put("duplicates", details);
    }
  }

  private static Contender contender(Arena arena, String label, int batch, double share) {
    return new DuplicatesContender(label, arena.inbox(), batch, share, MessageIds.TIME_ORDERED);
  }

  /** Throws unless each key is in the books once, and some deliveries were redeliveries. */
  private static void audit(Arena arena) throws Exception {
    long keys = arena.server().number("SELECT count(*) FROM inbox.message");
    long booked = Books.handled(arena.server());
    if (keys != booked || keys >= arena.race().handled()) {
      throw new IllegalStateException(
          "of "
              + arena.race().handled()
              + " deliveries came "
              + keys
              + " keys and "
              + booked
              + " credits: these figures are worth nothing");
    }
  }
}
