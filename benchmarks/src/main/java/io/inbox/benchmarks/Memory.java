package io.inbox.benchmarks;

import io.inbox.Inbox;
import io.inbox.migrations.InboxMigrations;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures what a message costs with many keys remembered against few, by {@code process} and in
 * batches of 100, with keys in the order of time and in none. Each of the four tables lies in a
 * schema of its own on one server; those with few keys are filled anew before each round, or they
 * would grow while they are measured.
 */
final class Memory {
  private static final int THREADS = 8;
  private static final long FEW = 100_000;
  private static final long VERY_MANY = 100_000_000;

  /** Behind all keys that a fill makes, so that those in the order of time go to the right edge. */
  private static final long FIRST_NEW = 200_000_000;

  private final DurablePostgres server;
  private final long many;
  private final Race race = new Race(new Feed(FIRST_NEW), THREADS);
  private final List<Inbox> inboxes = new ArrayList<>();

  private Memory(DurablePostgres server, long many) {
    this.server = server;
    this.many = many;
  }

  /** Puts its figures into the results. */
  static void run(long many, int sliceMillis, int rounds, Results results) throws Exception {
    try (DurablePostgres server = DurablePostgres.start(THREADS, "512MB")) {
      Books.create(server, THREADS);
      Memory memory = new Memory(server, many);
      try {
        memory.measure(sliceMillis, rounds, results);
      } finally {
        memory.race.close();
        memory.inboxes.forEach(Inbox::close);
      }
    }
  }

  private void measure(int sliceMillis, int rounds, Results results) throws Exception {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("settings", server.settings());
    Map<String, Object> machine = Results.machine(server);
    machine.put("threads", THREADS);
    machine.put("slice_ms", sliceMillis);
    machine.put("rounds", rounds);
    machine.put("load_average_before", Results.load());
    details.put("few", FEW);
    details.put("many", many);
    for (MessageIds order : MessageIds.values()) {
      String name = order.name().toLowerCase(Locale.ROOT);
      Inbox few = inbox("few_" + name);
      Inbox lots = inbox("many_" + name);
      fill("many_" + name, order, many);
      details.put(
          "bytes_per_key_" + name,
          server.number("SELECT pg_total_relation_size('many_" + name + ".message')") / many);
      details.put("index_" + name, shapes("many_" + name));
      for (int batch : new int[] {1, Arena.BATCH}) {
        Contender small = new DuplicatesContender(FEW + " keys", few, batch, 0, order);
        Contender large = new DuplicatesContender(many + " keys", lots, batch, 0, order);
        Contender again = new DuplicatesContender(FEW + " keys again", few, batch, 0, order);
        server.execute("CHECKPOINT");
        Rates rates =
            race.run(
                List.of(small, large, again),
                sliceMillis,
                rounds,
                () -> fill("few_" + name, order, FEW));
        String which = (batch == 1 ? "process" : "batch" + batch) + "_" + name;
        rates.print(which, small.label());
        // Cost is the inverse of the rate.
        Spread cost = rates.ratio(small.label(), large.label());
        System.out.println(figure() + "_" + which + " = " + cost + " (bar 1.3)");
        results.put(figure() + "_" + which, cost);
        results.put(figure() + "_" + which + "_noise", rates.ratio(small.label(), again.label()));
        details.put(which, rates.detail(small.label()));
      }
    }
    audit();
    worse(results);
    machine.put("load_average_after", Results.load());
    details.put("machine", machine);
    results.put("memory", details);
  }

  /** How deep the index is, and how deep it would be with few keys and with very many. */
  private List<String> shapes(String schema) throws SQLException {
    IndexShape now = IndexShape.of(server, schema, many);
    List<String> shapes =
        List.of(
            now.toString(),
            "by proportion, " + now.with(FEW),
            "by proportion, " + now.with(VERY_MANY));
    shapes.forEach(System.out::println);
    return shapes;
  }

  /** Returns what the figures are called. */
  private String figure() {
    return (many == 10_000_000 ? "cost_1e7" : "cost_" + many) + "_vs_1e5";
  }

  /** Without a suffix it is the worse of the two for keys in the order of time. */
  private void worse(Results results) {
    for (MessageIds order : MessageIds.values()) {
      double worse = 0;
      for (String way : List.of("process", "batch" + Arena.BATCH)) {
        String name = figure() + "_" + way + "_" + order.name().toLowerCase(Locale.ROOT);
        worse = Math.max(worse, results.number(name));
      }
      results.put(figure() + (order == MessageIds.RANDOM ? "_unordered" : ""), worse);
    }
  }

  private Inbox inbox(String schema) {
    InboxMigrations.on(server.unpooled()).schema(schema).migrate();
    Inbox inbox =
        Inbox.builder(
                "library",
                PostgresStore.builder().tables(Tables.in(schema, "")).build(),
                server.dataSource())
            .build();
    inboxes.add(inbox);
    return inbox;
  }

  /** Rows as the library leaves them, in the order in which they would have come. */
  private void fill(String schema, MessageIds order, long keys) throws SQLException {
    long start = System.nanoTime();
    server.execute("TRUNCATE " + schema + ".message");
    server.execute(
        """
        INSERT INTO %s.message (tenant, consumer, source, message_id, handled_at)
        SELECT '', 'library', '%s', %s, now() - (%d - i) * interval '1 ms'
        FROM generate_series(0, %d - 1) i"""
            .formatted(schema, Feed.SOURCE, id(order), keys, keys));
    server.execute("VACUUM (FREEZE, ANALYZE) " + schema + ".message");
    if (keys == many) {
      System.out.printf(
          Locale.ROOT,
          "%s filled with %,d keys in %d s%n",
          schema,
          keys,
          (System.nanoTime() - start) / 1_000_000_000L);
    }
  }

  /** UUIDs of version 7, ten to a millisecond, or of version 4. */
  private static String id(MessageIds order) {
    String random = "md5(i::text)";
    return order == MessageIds.RANDOM
        ? "overlay(overlay(" + random + " placing '4' from 13) placing '8' from 17)::uuid::text"
        : "(lpad(to_hex("
            + MessageIds.START_MILLIS
            + " + i / 10), 12, '0') || '7' || substr("
            + random
            + ", 14, 3) || '8' || substr("
            + random
            + ", 18))::uuid::text";
  }

  private void audit() throws SQLException {
    long booked = Books.handled(server);
    if (booked != race.handled()) {
      throw new IllegalStateException(
          "handled " + race.handled() + ", but the books hold " + booked + " credits");
    }
  }
}
