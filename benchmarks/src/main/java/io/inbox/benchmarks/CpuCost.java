package io.inbox.benchmarks;

import io.inbox.benchmarks.Business.With;
import io.inbox.migrations.InboxMigrations;
import io.inbox.outbox.OutboxSettings;
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
        new CpuCost(arena.race(), backend)
            .measure(contenders, sliceMillis, rounds, batch + " to a commit");
      }
      arena.audit();
      // Last, for it credits accounts without messages, too.
      arena.prepare();
      new CpuCost(arena.race(), backend)
          .measure(
              OneTripRun.statements(arena), sliceMillis, rounds, "one upsert in one statement");
    }
    append(sliceMillis, rounds);
  }

  /** Transactions that append to an outbox. Other processes are not notified: that takes turns. */
  private static void append(int sliceMillis, int rounds) throws Exception {
    try (DurablePostgres server = DurablePostgres.start(1, "512MB", "off");
        Race race = new Race(new Feed(), 1)) {
      new HandOutbox(server);
      Books.create(server, 1);
      InboxMigrations.on(server.unpooled()).migrate();
      ProcessHandle backend =
          ProcessHandle.of(server.number("SELECT pg_backend_pid()")).orElseThrow();
      OutboxSettings quiet = OutboxSettings.builder().notifications(false).build();
      try (LibraryOutbox library = new LibraryOutbox(server, quiet)) {
        List<Contender> contenders = new ArrayList<>();
        contenders.add(new LibraryBusiness(library, server.dataSource(), true));
        contenders.add(new LibraryBusiness(library, server.dataSource(), false));
        for (With with : List.of(With.NOTHING, With.ROW, With.ROW_WITH_COMMIT)) {
          contenders.add(new Business(server.dataSource(), with));
        }
        new CpuCost(race, backend)
            .measure(contenders, sliceMillis, rounds, "a transaction with an outgoing message");
      }
    }
  }

  private void measure(List<Contender> contenders, int sliceMillis, int rounds, String what)
      throws Exception {
    measure(contenders, sliceMillis, Math.max(1, rounds / 4));
    costs.clear(); // warm-up
    measure(contenders, sliceMillis, rounds);
    print(what);
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

  private void print(String what) {
    System.out.printf(
        Locale.ROOT,
        "%n%-32s %10s %10s %10s %10s   microseconds a message, %s%n",
        "",
        "client",
        "server",
        "both",
        "elapsed",
        what);
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
