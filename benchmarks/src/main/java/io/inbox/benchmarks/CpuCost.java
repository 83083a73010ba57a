package io.inbox.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Shows the processor time that each way takes, of the client's thread and of the server's process:
 * one thread, one connection, {@code synchronous_commit = off}. For finding where time goes: other
 * work on the machine hardly changes it, but no figure of it is a result.
 */
final class CpuCost {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Race race;
  private final ProcessHandle backend;
  private final Map<Contender, Cost> costs = new LinkedHashMap<>();

  private CpuCost(Race race, ProcessHandle backend) {
    this.race = race;
    this.backend = backend;
  }

  private static final class Cost {
    private long messages;
    private long wall;
    private long client;
    private long server;
  }

  static void run(int sliceMillis, int rounds) throws Exception {
    try (Arena arena = Arena.open(1, false)) {
      System.out.println(
          "one thread, synchronous_commit=" + arena.server().text("SHOW synchronous_commit"));
      // The pool has one connection, so this is the process that serves all contenders.
      ProcessHandle backend =
          ProcessHandle.of(arena.server().number("SELECT pg_backend_pid()")).orElseThrow();
      for (int batch : List.of(1, Arena.BATCH)) {
        List<Contender> contenders = new ArrayList<>(arena.bounded(batch));
        contenders.add(arena.byHand(Bound.NONE, batch, false, ""));
        contenders.add(arena.byHand(Bound.FUNCTIONS, batch, true, ""));
        contenders.add(arena.library(batch, false));
        contenders.add(arena.library(batch, true));
        arena.prepare();
        CpuCost cost = new CpuCost(arena.race(), backend);
        cost.measure(contenders, sliceMillis, Math.max(1, rounds / 4));
        cost.costs.clear(); // warm-up
        cost.measure(contenders, sliceMillis, rounds);
        cost.print(batch);
      }
      arena.audit();
    }
  }

  private void measure(List<Contender> contenders, int sliceMillis, int rounds) throws Exception {
    List<Contender> order = new ArrayList<>(contenders);
    for (int round = 0; round < rounds; round++) {
      for (Contender contender : order) {
        slice(contender, costs.computeIfAbsent(contender, key -> new Cost()), sliceMillis);
      }
      Collections.rotate(order, 1);
    }
  }

  private void slice(Contender contender, Cost cost, int millis) throws Exception {
    long server = serverNanos();
    long client = THREADS.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    do {
      cost.messages += race.once(contender);
    } while (System.nanoTime() - start < millis * 1_000_000L);
    cost.wall += System.nanoTime() - start;
    cost.client += THREADS.getCurrentThreadCpuTime() - client;
    cost.server += serverNanos() - server;
  }

  /** To ten milliseconds on Linux, so only sums over many slices tell something. */
  private long serverNanos() {
    return backend.info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  private void print(int batch) {
    System.out.printf(
        Locale.ROOT,
        "%n%-32s %10s %10s %10s %10s   microseconds a message, %s%n",
        "",
        "client",
        "server",
        "both",
        "elapsed",
        batch == 1 ? "one to a commit" : batch + " to a commit");
    costs.forEach(
        (contender, cost) ->
            System.out.printf(
                Locale.ROOT,
                "%-32s %10.1f %10.1f %10.1f %10.1f%n",
                contender.label(),
                cost.client / 1e3 / cost.messages,
                cost.server / 1e3 / cost.messages,
                (cost.client + cost.server) / 1e3 / cost.messages,
                cost.wall / 1e3 / cost.messages));
  }
}
