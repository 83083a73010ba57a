package io.inbox.benchmarks;

import io.inbox.migrations.InboxMigrations;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Measures the outbox: draining a backlog, appending, and how soon an idle relay delivers. */
final class OutboxRun {
  private static final int THREADS = 8;
  private static final int CONNECTIONS = 32;

  private final Results results;
  private final OutboxEffort effort;
  private final Map<String, Object> details = new LinkedHashMap<>();

  private OutboxRun(Results results, OutboxEffort effort) {
    this.results = results;
    this.effort = effort;
  }

  /** Puts its figures into the results. */
  static void run(OutboxEffort effort, Results results) throws Exception {
    new OutboxRun(results, effort).measure();
  }

  private void measure() throws Exception {
    double before = Results.load();
    Map<String, Object> machine;
    Map<String, String> settings;
    try (DurablePostgres server = DurablePostgres.startVacuumed(CONNECTIONS)) {
      settings = server.settings();
      System.out.println(DurablePostgres.line(settings));
      machine = Results.machine(server);
      System.out.println(machine);
      HandOutbox hand = new HandOutbox(server);
      OpenTransaction.create(server);
      Books.create(server, THREADS);
      InboxMigrations.on(server.unpooled()).migrate();
      try (LibraryOutbox library = new LibraryOutbox(server)) {
        System.out.println("library " + library.settings());
        details.put("library_settings", library.settings());
        OutboxDrains drains = new OutboxDrains(server, library, hand, effort);
        drains.warmUp();
        drains.large(results, details);
        drains.byHand(results, details);
        drains.peers(results, details);
        append(server, library);
      }
    }
    new OutboxIdle(effort).measure(results, details);
    machine.put("rounds", effort.rounds());
    machine.put("load_average_before", before);
    machine.put("load_average_after", Results.load());
    results.put("outbox", Map.of("settings", settings, "machine", machine, "details", details));
  }

  private void append(DurablePostgres server, LibraryOutbox library) throws Exception {
    Contender unit = new LibraryBusiness(library, server.dataSource(), true);
    Contender connection = new LibraryBusiness(library, server.dataSource(), false);
    List<Contender> contenders = new ArrayList<>(List.of(unit, connection));
    for (Business.With with : Business.With.values()) {
      contenders.add(new Business(server.dataSource(), with));
    }
    server.execute("TRUNCATE byhand.outbox, inbox.outbox");
    try (Race race = new Race(new Feed(), THREADS)) {
      Rates rates = race.run(contenders, effort.sliceMillis(), 4 * effort.rounds());
      String base = Business.With.NOTHING.label;
      rates.print("One transaction with an outgoing message, " + THREADS + " threads", base);
      details.put("append", rates.detail(base));
      results.put("append_vs_bare", rates.ratio(unit.label(), base));
      results.put("append_on_connection_vs_bare", rates.ratio(connection.label(), base));
      results.put("append_handwritten_vs_bare", rates.ratio(Business.With.ROW.label, base));
      audit(server, race.handled());
    }
  }

  private static void audit(DurablePostgres server, long handled) throws Exception {
    long booked = Books.handled(server);
    if (booked != handled) {
      throw new IllegalStateException(
          "the books hold " + booked + " credits of " + handled + ": figures are worth nothing");
    }
  }
}
