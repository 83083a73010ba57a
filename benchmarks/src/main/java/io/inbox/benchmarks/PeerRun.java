package io.inbox.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures {@code process} and {@code processBatch} against other libraries that recognise
 * duplicates, on eight threads, with the same business writes. None of them takes batches: beside
 * one message to a transaction, as their guides have it, those that can are called a hundred times
 * in one.
 */
final class PeerRun {
  private static final int THREADS = 8;

  private final Arena arena;
  private final List<InboxPeer> peers = new ArrayList<>();

  private PeerRun(Arena arena) {
    this.arena = arena;
  }

  /** Puts its figures into the results. */
  static void run(int sliceMillis, int rounds, Results results) throws Exception {
    try (Arena arena = Arena.open(THREADS, true)) {
      PeerRun run = new PeerRun(arena);
      try {
        run.measure(sliceMillis, rounds, results);
      } finally {
        run.peers.forEach(InboxPeer::close);
      }
    }
  }

  private void measure(int sliceMillis, int rounds, Results results) throws Exception {
    DurablePostgres server = arena.server();
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("settings", server.settings());
    Map<String, Object> machine = Results.machine(server);
    machine.put("threads", THREADS);
    machine.put("pool", THREADS);
    machine.put("slice_ms", sliceMillis);
    machine.put("rounds", rounds);
    machine.put("load_average_before", Results.load());
    System.out.println(machine);
    peers.add(new EventuatePeer(server));
    peers.add(new CamelPeer(server));
    peers.add(new SpringIntegrationPeer(server));
    peers.add(new DbosPeer(server));
    long checked = check();
    Map<String, Object> settings = new LinkedHashMap<>();
    List<Contender> single = new ArrayList<>();
    List<Contender> shared = new ArrayList<>();
    for (InboxPeer peer : peers) {
      System.out.println(peer.label() + " " + peer.settings());
      settings.put(peer.label(), peer.settings());
      single.add(new PeerContender(peer, 1));
      if (peer.shares()) {
        shared.add(new PeerContender(peer, Arena.BATCH));
      }
    }
    Contender one = arena.library(1, false);
    Contender many = arena.library(Arena.BATCH, false);
    List<Contender> all = new ArrayList<>(single);
    all.addAll(shared);
    all.add(one);
    all.add(many);
    server.execute("VACUUM (ANALYZE)");
    Rates rates = arena.run(all, sliceMillis, rounds);
    checked += check();
    audit(checked);
    machine.put("load_average_after", Results.load());
    String best = best(rates, single);
    String bestShared = best(rates, shared);
    rates.print("Libraries that recognise duplicates", best);
    put(results, "process_vs_best_peer", rates.ratio(one.label(), best), best, 1);
    put(results, "batch100_vs_best_peer", rates.ratio(many.label(), best), best, 10);
    Spread overShared = rates.ratio(many.label(), bestShared);
    System.out.printf("batch100_vs_peer_sharing = %s over %s%n", overShared, bestShared);
    results.put("batch100_vs_peer_sharing", overShared);
    results.put("best_peer", best);
    details.put("best_peer_sharing", bestShared);
    details.put("machine", machine);
    details.put("peer_settings", settings);
    details.put("rates", rates.detail(best));
    results.put("peers", details);
  }

  /** Before what is measured and after it; returns how many messages were handled meanwhile. */
  private long check() throws Exception {
    long checked = 0;
    for (InboxPeer peer : peers) {
      checked += PeerCheck.check(arena.server(), peer, arena.race().lane(0));
    }
    return checked;
  }

  private static String best(Rates rates, List<Contender> contenders) {
    return contenders.stream()
        .map(Contender::label)
        .max(Comparator.comparing(label -> rates.of(label).median()))
        .orElseThrow();
  }

  private static void put(Results results, String key, Spread ratio, String best, int bar) {
    System.out.printf(Locale.ROOT, "%s = %s over %s (bar %d)%n", key, ratio, best, bar);
    results.put(key, ratio);
  }

  /** Throws unless every message that was counted is in the books once. */
  private void audit(long checked) throws Exception {
    long booked = Books.handled(arena.server());
    if (booked != arena.race().handled() + checked) {
      throw new IllegalStateException(
          "handled "
              + arena.race().handled()
              + " messages and checked with "
              + checked
              + ", but the books hold "
              + booked
              + " credits: these figures are worth nothing");
    }
  }
}
