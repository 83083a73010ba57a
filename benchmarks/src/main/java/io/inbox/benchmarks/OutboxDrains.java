package io.inbox.benchmarks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures how fast a backlog is drained: the library, a loop by hand of the same design, peers.
 */
final class OutboxDrains {
  private static final int LARGE = 10;
  private static final int SMALL = 5;
  private static final int WARM_UP = 8;

  private final DurablePostgres server;
  private final LibraryOutbox library;
  private final OutboxEffort effort;
  private final int messages;
  private final DrainRace race;
  private final DrainRace.Entry ours;
  private final DrainRace.Entry byHand;

  OutboxDrains(
      DurablePostgres server, LibraryOutbox library, HandOutbox hand, OutboxEffort effort) {
    this.server = server;
    this.library = library;
    this.effort = effort;
    this.messages = effort.messages();
    this.race = new DrainRace(server);
    this.ours = DrainRace.Entry.of(library, messages);
    this.byHand = DrainRace.Entry.of(hand, messages);
  }

  /**
   * Drains until the compiler has seen enough: the library has more code than a loop. A relay runs
   * for days.
   */
  void warmUp() throws Exception {
    race.warmUp(List.of(ours.of(WARM_UP * messages), byHand.of(WARM_UP * messages)));
  }

  /** Beside the loop by hand, and with a transaction open. */
  void byHand(Results results, Map<String, Object> details) throws Exception {
    DrainRace.Entry open = ours.withOpenTransaction();
    DrainRace.Entry openAppend = ours.meanwhile("append open", library::appendOn);
    DrainRace.Entry openByHand = byHand.withOpenTransaction();
    List<DrainRace.Entry> entries = List.of(ours, byHand, open, openAppend, openByHand);
    Rates rates = race.run(entries, effort.rounds());
    rates.print("Draining a backlog of " + messages, byHand.label());
    details.put("drain", rates.detail(byHand.label()));
    results.putRate("drain_per_second", rates.of(ours.label()));
    results.putRate("drain_handwritten_per_second", rates.of(byHand.label()));
    results.put("drain_vs_handwritten", rates.ratio(ours.label(), byHand.label()));
    results.put("drain_with_open_transaction", rates.ratio(open.label(), ours.label()));
    results.put("drain_with_open_append", rates.ratio(openAppend.label(), ours.label()));
    results.put(
        "drain_handwritten_with_open_transaction", rates.ratio(openByHand.label(), byHand.label()));
  }

  /** A backlog ten times as long. */
  void large(Results results, Map<String, Object> details) throws Exception {
    int many = LARGE * messages;
    DrainRace.Entry large = ours.of(many);
    DrainRace.Entry largeByHand = byHand.of(many);
    Rates rates = race.run(List.of(ours, large, byHand, largeByHand), effort.fewRounds());
    rates.print("Draining a backlog of " + messages + " and of " + many, ours.label());
    details.put("drain_large", rates.detail(ours.label()));
    results.put("drain_1m_vs_100k", rates.ratio(large.label(), ours.label()));
    results.put("drain_handwritten_1m_vs_100k", rates.ratio(largeByHand.label(), byHand.label()));
  }

  /** Beside peers, which get a shorter backlog, as they take longer for each message. */
  void peers(Results results, Map<String, Object> details) throws Exception {
    List<OutboxContender> peers =
        List.of(
            new NamastackOutbox(server),
            new TransactionOutboxPeer(server),
            new DbSchedulerPeer(server));
    try {
      Map<String, Object> settings = new LinkedHashMap<>();
      List<DrainRace.Entry> entries = new ArrayList<>();
      int backlog = Math.max(messages / SMALL, Backlog.KEYS);
      for (OutboxContender peer : peers) {
        System.out.println(peer.label() + " " + peer.settings());
        settings.put(peer.label(), peer.settings());
        entries.add(DrainRace.Entry.of(peer, backlog));
      }
      settings.put("backlog", backlog);
      entries.add(ours);
      race.warmUp(entries);
      Rates rates = race.run(entries, effort.fewRounds());
      String best =
          peers.stream()
              .map(OutboxContender::label)
              .max(Comparator.comparing(label -> rates.of(label).median()))
              .orElseThrow();
      rates.print("Draining a backlog of " + backlog + " (library: " + messages + ")", best);
      details.put("drain_peers", rates.detail(best));
      details.put("peer_settings", settings);
      results.put("drain_vs_best_peer", rates.ratio(ours.label(), best));
      results.put("drain_best_peer", best);
      results.putRate("drain_best_peer_per_second", rates.of(best));
    } finally {
      peers.forEach(OutboxContender::close);
    }
  }
}
