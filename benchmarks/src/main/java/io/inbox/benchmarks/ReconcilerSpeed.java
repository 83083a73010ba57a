package io.inbox.benchmarks;

import io.inbox.migrations.InboxMigrations;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Measures a pair check: as many rows of a business as of the inbox, a hundred of which differ. The
 * reconciler runs in a process of its own with 128 MB of heap, and is measured from its start to
 * its end; twice, and the second time it finds what it knows. By hand is a FULL JOIN in the same
 * server, which only works where both are in one database.
 */
final class ReconcilerSpeed {
  private static final int DIFFERENCES = 100;

  private final DurablePostgres server;
  private final Results results;
  private final long rows;
  private final String name;
  private final Map<String, Object> details = new LinkedHashMap<>();

  private ReconcilerSpeed(DurablePostgres server, Results results, long rows) {
    this.server = server;
    this.results = results;
    this.rows = rows;
    this.name = "reconcile_" + (rows % 1_000_000 == 0 ? rows / 1_000_000 + "m" : rows);
  }

  /** Puts its figures into the results. */
  static void run(long rows, Results results) throws Exception {
    double before = Results.load();
    try (DurablePostgres server = DurablePostgres.startVacuumed(8)) {
      Map<String, String> settings = server.settings();
      System.out.println(DurablePostgres.line(settings));
      Map<String, Object> machine = Results.machine(server);
      System.out.println(machine);
      ReconcilerSpeed speed = new ReconcilerSpeed(server, results, rows);
      speed.seed();
      speed.measure();
      speed.details.put("hashes_ms", HashCosts.measure(server));
      machine.put("load_average_before", before);
      machine.put("load_average_after", Results.load());
      results.put(
          "reconciler", Map.of("settings", settings, "machine", machine, "details", speed.details));
    }
  }

  /** Message ids are UUIDs in no order; each was booked some milliseconds after it was handled. */
  private void seed() throws SQLException {
    InboxMigrations.on(server.unpooled()).migrate();
    server.execute(
        "INSERT INTO inbox.consumer (consumer, dedupe_window_seconds, registered_at) VALUES ('payments', 1209600, '2000-01-01')");
    server.execute(
        """
        INSERT INTO inbox.message (tenant, consumer, source, message_id, handled_at)
        SELECT '', 'payments', '', md5(g::text)::uuid::text, now() - interval '2 hours' - g * interval '1 ms'
        FROM generate_series(1, %s) AS g
        """
            .formatted(rows));
    server.execute(
        "CREATE TABLE booking (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, message_id text NOT NULL, account bigint NOT NULL, amount numeric(12,2) NOT NULL, booked_at timestamptz NOT NULL)");
    server.execute(
        """
        INSERT INTO booking (message_id, account, amount, booked_at)
        SELECT message_id, hashtext(message_id), 12.34, handled_at + interval '3 ms' FROM inbox.message
        """);
    server.execute("CREATE INDEX booking_message_idx ON booking (message_id)");
    differ();
    server.execute("VACUUM ANALYZE inbox.message");
    server.execute("VACUUM ANALYZE booking");
    server.execute("CHECKPOINT");
  }

  /** A third each: without an effect, without a message, twice. */
  private void differ() throws SQLException {
    int third = DIFFERENCES / 3;
    server.execute("DELETE FROM booking WHERE id <= " + third);
    server.execute(
        "INSERT INTO booking (message_id, account, amount, booked_at) SELECT 'unexplained-' || g, 1, 1, now() - interval '3 hours' FROM generate_series(1, %s) AS g"
            .formatted(DIFFERENCES - 2 * third));
    server.execute(
        "INSERT INTO booking (message_id, account, amount, booked_at) SELECT message_id, account, amount, booked_at FROM booking WHERE id > %s AND id <= %s"
            .formatted(third, 2 * third));
  }

  private void measure() throws Exception {
    byHand(); // warms the server's caches for everybody
    results.put(name + "_by_hand_s", Results.round(byHand()));
    double first = process("first", DIFFERENCES, 0);
    results.put(name + "_s", Results.round(first));
    double second = process("again", 0, DIFFERENCES);
    results.put(name + "_again_s", Results.round(second));
  }

  private double byHand() throws SQLException {
    String sql =
        """
        SELECT count(*) FROM
          (SELECT message_id FROM inbox.message WHERE tenant = '' AND consumer = 'payments' AND source = '' AND state = 0
             AND handled_at >= '2000-01-01' AND handled_at < now() - interval '1 minute') m
          FULL JOIN
          (SELECT message_id, count(*) AS times FROM booking
           WHERE booked_at >= '2000-01-01' AND booked_at < now() - interval '1 minute' GROUP BY message_id) b
          ON b.message_id = m.message_id
        WHERE m.message_id IS NULL OR b.message_id IS NULL OR b.times > 1
        """;
    long start = System.nanoTime();
    long found = server.number(sql);
    double seconds = (System.nanoTime() - start) / 1e9;
    if (found != DIFFERENCES) {
      throw new IllegalStateException("by hand " + found + " differ, not " + DIFFERENCES);
    }
    System.out.printf("by hand: %.2f s%n", seconds);
    return seconds;
  }

  private double process(String run, long fresh, long stillOpen) throws Exception {
    long start = System.nanoTime();
    ReconcilerProcess.Answer answer = ReconcilerProcess.run(server.url());
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf("%s: %.2f s, %s%n", run, seconds, answer);
    if (answer.fresh() != fresh || answer.stillOpen() != stillOpen) {
      throw new IllegalStateException("the reconciler found something else: " + answer);
    }
    details.put(run, answer.toString());
    return seconds;
  }
}
