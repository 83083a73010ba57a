package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.migrations.InboxMigrations;
import io.inbox.postgres.PostgresStore;
import io.inbox.reconciler.Collector;
import io.inbox.reconciler.CollectorReport;
import io.inbox.reconciler.JobResult.Done;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures the collector: on a server that does nothing else, beside ways to do it by hand, and
 * beside threads that handle messages.
 */
final class CollectorRun {
  /** Ways by hand are compared on a smaller table: some take long. */
  private static final long WAYS_SHARE = 8;

  private static final int FOREGROUND_ROUNDS = 4;

  private final DurablePostgres server;
  private final long rows;
  private final int rounds;
  private final Results results;
  private final Map<String, Object> details = new LinkedHashMap<>();

  private CollectorRun(DurablePostgres server, long rows, int rounds, Results results) {
    this.server = server;
    this.rows = rows;
    this.rounds = rounds;
    this.results = results;
  }

  /** Puts its figures into the results. */
  static void run(long rows, int rounds, Results results)
      throws IOException, SQLException, InterruptedException {
    try (DurablePostgres server = DurablePostgres.start(CollectorForeground.THREADS + 2, "512MB")) {
      InboxMigrations.on(server.unpooled()).migrate();
      Books.create(server, CollectorForeground.THREADS);
      new CollectorRun(server, rows, rounds, results).measure();
    }
  }

  private void measure() throws SQLException, InterruptedException {
    Map<String, String> settings = server.settings();
    System.out.println(DurablePostgres.line(settings));
    Map<String, Object> machine = Results.machine(server);
    machine.put("rows", rows);
    machine.put("rounds", rounds);
    machine.put("load_average_before", Results.load());
    System.out.println(machine);
    register();
    idle();
    DueRows.fill(server, rows);
    new CollectorForeground(server).run(FOREGROUND_ROUNDS * rounds, results, details);
    CollectorWays ways = new CollectorWays(server, rows / WAYS_SHARE, rounds);
    details.put("deleted_by_hand_per_s", text(ways.deletions()));
    details.put("claim_time_over_no_index", text(ways.claims()));
    machine.put("load_average_after", Results.load());
    results.put("collector_settings", settings);
    results.put("collector_machine", machine);
    results.put("collector_details", details);
  }

  /** The collector goes by what the consumers have registered. */
  private void register() {
    Inbox.builder("library", PostgresStore.create(), server.dataSource()).build().close();
  }

  private void idle() throws SQLException {
    List<Double> rates = new ArrayList<>();
    List<Double> wal = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      DueRows.fill(server, rows);
      long before = server.walBytes();
      CollectorReport report =
          ((Done<CollectorReport>)
                  Collector.builder(PostgresStore.create(), server.dataSource()).build().run())
              .value();
      wal.add((double) (server.walBytes() - before) / report.messages());
      rates.add(report.messages() * 1e9 / report.elapsed().toNanos());
      System.out.printf(
          Locale.ROOT, "  %s, %d batches, paused %s%n", report, report.batches(), report.paused());
      DueRows.audit(server, rows);
    }
    Spread rate = Spread.of(rates);
    results.putRate("collector_rows_per_s", rate);
    details.put("collector_rows_per_s", rate.toString());
    details.put("wal_bytes_per_row", Math.round(Spread.of(wal).median()));
    System.out.printf(
        Locale.ROOT,
        "%d of %d rows: collector_rows_per_s = %s (bar 200,000), %s bytes of WAL a row%n",
        rows / 2,
        rows,
        rate,
        Spread.of(wal));
  }

  private static Map<String, String> text(Map<String, Spread> spreads) {
    Map<String, String> texts = new LinkedHashMap<>();
    spreads.forEach((label, spread) -> texts.put(label, spread.toString()));
    return texts;
  }
}
