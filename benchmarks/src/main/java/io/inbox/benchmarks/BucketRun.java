package io.inbox.benchmarks;

import io.inbox.Buckets;
import io.inbox.Inbox;
import io.inbox.benchmarks.Foreground.Slice;
import io.inbox.migrations.Database;
import io.inbox.migrations.InboxMigrations;
import io.inbox.migrations.InboxScripts;
import io.inbox.postgres.PostgresStore;
import io.inbox.reconciler.Collector;
import io.inbox.reconciler.CollectorReport;
import io.inbox.reconciler.JobResult.Done;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures keys in buckets against plain ones, and what it takes to drop a bucket, by itself and
 * beside threads that handle messages.
 */
final class BucketRun {
  private static final int THREADS = 8;
  private static final int FIRST_OLD_DAY = 20;
  private static final long SLICE_NANOS = 2_000_000_000L;
  private static final long BEFORE_DROP_NANOS = 500_000_000L;

  private final DurablePostgres server;
  private final long keys;
  private final int sliceMillis;
  private final int rounds;
  private final Results results;
  private int oldDay = FIRST_OLD_DAY;

  private BucketRun(
      DurablePostgres server, long keys, int sliceMillis, int rounds, Results results) {
    this.server = server;
    this.keys = keys;
    this.sliceMillis = sliceMillis;
    this.rounds = rounds;
    this.results = results;
  }

  /** Puts its figures into the results. */
  static void run(long keys, int sliceMillis, int rounds, Results results)
      throws IOException, SQLException, InterruptedException {
    try (DurablePostgres server = DurablePostgres.start(THREADS + 4, "512MB")) {
      InboxMigrations.on(server.unpooled()).migrate();
      server.execute(script());
      Books.create(server, THREADS);
      new BucketRun(server, keys, sliceMillis, rounds, results).measure();
    }
  }

  private static String script() throws IOException {
    Path folder = Files.createTempDirectory("inbox-scripts");
    String script = "";
    for (Path file : InboxScripts.of(Database.POSTGRESQL).render(folder)) {
      script = file.endsWith("time-buckets.sql") ? Files.readString(file) : script;
      Files.delete(file);
    }
    Files.delete(folder);
    return script;
  }

  private Inbox.Builder inbox(String consumer) {
    return Inbox.builder(consumer, PostgresStore.create(), server.dataSource());
  }

  private void measure() throws SQLException, InterruptedException {
    Map<String, Object> machine = Results.machine(server);
    machine.put("keys", keys);
    machine.put("rounds", rounds);
    machine.put("load_average_before", Results.load());
    System.out.println(DurablePostgres.line(server.settings()));
    System.out.println(machine);
    Instant now = Instant.now();
    try (Inbox plain = inbox("plain").build();
        Inbox bucketed = inbox("bucketed").buckets(Buckets.by("benchmark", m -> now)).build();
        Race race = new Race(new Feed(), THREADS)) {
      claims(plain, bucketed, race);
      for (int round = 0; round < 3 * rounds; round++) {
        fill(LocalDate.now(ZoneOffset.UTC).minusDays(FIRST_OLD_DAY + round));
      }
      server.execute("CHECKPOINT");
      drops(bucketed, race);
    }
    machine.put("load_average_after", Results.load());
    results.put("buckets_machine", machine);
  }

  private void claims(Inbox plain, Inbox bucketed, Race race)
      throws SQLException, InterruptedException {
    List<Contender> contenders = new ArrayList<>();
    for (int batch : new int[] {1, Arena.BATCH}) {
      contenders.add(new InboxContender("plain, " + batch, plain, batch, false));
      contenders.add(new InboxContender("bucketed, " + batch, bucketed, batch, false));
    }
    server.execute("VACUUM (ANALYZE) account");
    Rates rates = race.run(contenders, sliceMillis, 4 * rounds);
    rates.print("Keys in buckets", "plain, 1");
    results.put("process_buckets_vs_plain", rates.ratio("bucketed, 1", "plain, 1"));
    results.put("batch100_buckets_vs_plain", rates.ratio("bucketed, 100", "plain, 100"));
  }

  /** Makes a bucket of before the window and fills it. */
  private void fill(LocalDate day) throws SQLException {
    server.execute(
        "UPDATE inbox.consumer SET dedupe_window_seconds = 86400 * (CURRENT_DATE - DATE '%s' + 1) WHERE consumer = 'bucketed'"
            .formatted(day));
    server.execute("SELECT inbox.bucket_ahead()");
    server.execute(
        "UPDATE inbox.consumer SET dedupe_window_seconds = 14 * 86400 WHERE consumer = 'bucketed'");
    server.execute(
        "INSERT INTO inbox.message (tenant, consumer, source, message_id, handled_at, bucket) SELECT '', 'bucketed', '', gen_random_uuid()::text, DATE '%1$s' + interval '12 hours', DATE '%1$s' FROM generate_series(1, %2$d)"
            .formatted(day, keys));
  }

  private void drops(Inbox bucketed, Race race) throws SQLException, InterruptedException {
    List<Double> alone = new ArrayList<>();
    List<Double> added = new ArrayList<>();
    List<Double> longest = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      alone.add(drop() / 1e6);
    }
    List<Feed.Lane> lanes = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      lanes.add(race.lane(i));
    }
    try (Foreground foreground =
        new Foreground(new InboxContender("process", bucketed, 1, false), lanes)) {
      foreground.slice(SLICE_NANOS, () -> 0L); // warm up
      for (int round = 0; round < rounds; round++) {
        Slice without = foreground.slice(SLICE_NANOS, () -> 0L);
        Slice with = foreground.slice(SLICE_NANOS, this::dropLater);
        added.add(with.p99() - without.p99());
        longest.add(with.longest());
      }
    }
    long before =
        server.number(
            "SELECT count(*) FROM inbox.message WHERE handled_at < now() - interval '15 days'");
    CollectorReport report =
        ((Done<CollectorReport>)
                Collector.builder(PostgresStore.create(), server.dataSource()).build().run())
            .value();
    System.out.println("  " + report);
    if (report.messages() != before || before != rounds * keys) {
      throw new IllegalStateException(
          report + " of " + before + " keys: these figures are worth nothing");
    }
    Spread collected = Spread.of(List.of(report.elapsed().toMillis() / (double) rounds));
    results.put("drop_1e6_ms", Spread.of(alone));
    results.put("drop_1e6_added_p99_ms", Spread.of(added));
    results.put("drop_1e6_collected_ms", collected);
    System.out.printf(
        Locale.ROOT,
        "a bucket of %d keys: drop_1e6_ms = %s (bar 200), by the collector, which counts its keys, %s ms; beside %d threads p99 +%s ms (bar 200), longest %s ms%n",
        keys,
        Spread.of(alone),
        collected,
        THREADS,
        Spread.of(added),
        Spread.of(longest));
  }

  /** Drops a bucket in the middle of a slice. */
  private long dropLater() throws SQLException {
    long start = System.nanoTime();
    for (long left = BEFORE_DROP_NANOS; left > 0; ) {
      LockSupport.parkNanos(left);
      left = BEFORE_DROP_NANOS - (System.nanoTime() - start);
    }
    return drop();
  }

  /** Drops the next old bucket as the collector does; returns the nanoseconds. */
  private long drop() throws SQLException {
    LocalDate day = LocalDate.now(ZoneOffset.UTC).minusDays(oldDay++);
    server.execute(
        "UPDATE inbox.consumer SET purge_horizon = CURRENT_TIMESTAMP - interval '15 days' WHERE consumer = 'bucketed'");
    long start = System.nanoTime();
    server.execute("SELECT inbox.bucket_drop('" + day + "')");
    return System.nanoTime() - start;
  }
}
