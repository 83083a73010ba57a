package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.migrations.InboxMigrations;
import io.inbox.postgres.PostgresStore;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures a batch of 100 in watermark mode against the same business writes without any
 * recognition of duplicates, by plain JDBC, on eight threads, each with a partition of its own, and
 * against watermarks moved by hand. The plain batch runs twice: the distance of the second from 1
 * is the noise.
 */
final class WatermarkRun {
  private static final int THREADS = 8;
  private static final int BATCH = 100;
  private static final double BAR = 0.95;
  private static final String BARE = "JDBC without dedupe";

  private WatermarkRun() {}

  /** Puts its figures into the results. */
  static void run(int sliceMillis, int rounds, Results results)
      throws IOException, SQLException, InterruptedException {
    try (DurablePostgres server = DurablePostgres.start(THREADS, "512MB", "on")) {
      InboxMigrations.on(server.unpooled()).migrate();
      Books.create(server, THREADS);
      HandWatermark.create(server);
      try (Inbox inbox =
              Inbox.builder("watermarks", PostgresStore.create(), server.dataSource()).build();
          Race race = new Race(new Feed(), THREADS)) {
        measure(server, inbox, race, sliceMillis, rounds, results);
      }
    }
  }

  private static void measure(
      DurablePostgres server, Inbox inbox, Race race, int sliceMillis, int rounds, Results results)
      throws SQLException, InterruptedException {
    Map<String, Object> machine = Results.machine(server);
    machine.put("threads", THREADS);
    machine.put("slice_ms", sliceMillis);
    machine.put("rounds", rounds);
    System.out.println(DurablePostgres.line(server.settings()));
    System.out.println(machine);
    machine.put("load_average_before", Results.load());
    server.execute("VACUUM (ANALYZE) account");
    server.execute("CHECKPOINT");
    Contender library = new WatermarkContender(inbox, BATCH);
    Rates rates =
        race.run(
            List.of(
                new BareBatch(BARE, server.dataSource(), BATCH),
                library,
                new HandWatermark(HandWatermark.Way.FIRST, server.dataSource(), BATCH),
                new HandWatermark(HandWatermark.Way.WITH_COMMIT, server.dataSource(), BATCH),
                new BareBatch(BARE + " again", server.dataSource(), BATCH)),
            sliceMillis,
            rounds);
    audit(server, race);
    machine.put("load_average_after", Results.load());
    rates.print(BATCH + " positions to a commit", BARE);
    Spread ratio = rates.ratio(library.label(), BARE);
    Spread noise = rates.ratio(BARE + " again", BARE);
    System.out.printf(
        Locale.ROOT, "watermark100_vs_nodedupe = %s (bar %.2f); noise %s%n", ratio, BAR, noise);
    results.put("watermark100_vs_nodedupe", ratio);
    results.put("watermark100_vs_nodedupe_noise", noise);
    for (HandWatermark.Way way : HandWatermark.Way.values()) {
      String label = new HandWatermark(way, server.dataSource(), BATCH).label();
      String key = "hand_watermark100_vs_nodedupe_" + way.name().toLowerCase(Locale.ROOT);
      results.put(key, rates.ratio(label, BARE));
    }
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("settings", server.settings());
    details.put("machine", machine);
    details.put("rates", rates.detail(BARE));
    results.put("watermark", details);
  }

  /** Throws unless every message is in the books, and the watermarks stand where they must. */
  private static void audit(DurablePostgres server, Race race) throws SQLException {
    long booked = Books.handled(server);
    long passed = server.number("SELECT sum(\"position\" + 1)::bigint FROM inbox.watermark");
    long byHand = server.number("SELECT sum(position)::bigint FROM hand_watermark");
    long rows = server.number("SELECT count(*) FROM inbox.message");
    if (booked != race.handled()
        || passed + byHand >= booked
        || passed == 0
        || byHand == 0
        || rows != 0) {
      throw new IllegalStateException(
          "handled "
              + race.handled()
              + " messages, but the books hold "
              + booked
              + " credits, the watermarks passed "
              + passed
              + " and by hand "
              + byHand
              + ", and the inbox has "
              + rows
              + " rows: these figures are worth nothing");
    }
  }
}
