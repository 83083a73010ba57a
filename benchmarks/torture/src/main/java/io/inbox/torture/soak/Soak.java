package io.inbox.torture.soak;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.postgres.PostgresStore;
import io.inbox.torture.soak.Violation.Name;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A run at a steady rate in one process: load, relay, collector and reconciler, and for a third of
 * the time a foreign transaction that holds a snapshot. Nothing may grow, and the books must be
 * right at the end.
 */
public final class Soak {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** For the business, which tidies up, and for telling relays of other processes. */
  private static final int SPARE_CONNECTIONS = 2;

  private static final int RELAY_CONNECTIONS = 4;

  private final Timetable times;
  private final SoakServer server;
  private final Books books;
  private final List<Sample> samples = new ArrayList<>();
  private long begin;
  private long held;

  private Soak(Timetable times, SoakServer server) {
    this.times = times;
    this.server = server;
    this.books = new Books(Math.toIntExact(times.whole().toSeconds() * Load.RATE));
  }

  /** The databases it runs on. */
  public static List<String> databases() {
    return List.of("postgres18", "postgres14");
  }

  /**
   * Runs, prints a table of samples and the verdict, and returns whether everything held.
   *
   * @param whole how long the load lasts
   * @param home the folder for all samples
   */
  public static boolean run(Duration whole, String database, long seed, Path home, PrintStream out)
      throws SQLException, IOException, InterruptedException {
    Timetable times = new Timetable(whole);
    out.printf(
        Locale.ROOT,
        "%d deliveries a second for %s on %s, seed %d%n",
        Load.RATE,
        minutes(whole),
        database,
        seed);
    try (SoakServer server = SoakServer.start(database, times)) {
      Soak soak = new Soak(times, server);
      List<Violation> violated = soak.run(seed);
      Files.createDirectories(home);
      Path csv = home.resolve(database + "-" + seed + ".csv");
      Files.write(csv, SampleTable.csv(soak.samples));
      SampleTable.lines(soak.samples).forEach(out::println);
      out.println("All samples are in " + csv);
      violated.forEach(violation -> out.println(violation.name() + ": " + violation.what()));
      out.println(soak.verdict(violated, database, seed));
      return violated.isEmpty();
    }
  }

  private static String minutes(Duration whole) {
    return String.format(Locale.ROOT, "%.1f minutes", whole.toSeconds() / 60.0);
  }

  private String verdict(List<Violation> violated, String database, long seed) {
    String names =
        violated.stream()
            .map(violation -> violation.name().name())
            .distinct()
            .collect(Collectors.joining(","));
    return String.format(
        Locale.ROOT,
        "soak: %s database=%s minutes=%.1f seed=%d deliveries=%d %s",
        violated.isEmpty() ? "OK" : "VIOLATED " + names,
        database,
        times.whole().toSeconds() / 60.0,
        seed,
        samples.get(samples.size() - 1).get(Sample.DELIVERIES),
        books.figures());
  }

  private List<Violation> run(long seed) throws SQLException, InterruptedException {
    HikariDataSource pool = server.pool("soak-load", Load.THREADS + SPARE_CONNECTIONS, "public");
    List<Violation> violated = new ArrayList<>();
    try (Business business = new Business(pool, times, books)) {
      Upkeep upkeep = Upkeep.start(server, times);
      try (upkeep) {
        violated.addAll(underLoad(business, pool, seed));
      }
      business.countTheRest();
      pause(times.settle().plusSeconds(1));
      violated.addAll(upkeep.findings(held));
    }
    violated.addAll(Bounds.violated(samples));
    violated.addAll(books.violated());
    if (server.inUse() > 0) {
      violated.add(
          new Violation(Name.CONNECTIONS, server.inUse() + " are in use after everything ended"));
    }
    return violated;
  }

  /** Returns once everything that was sent is handled and published. */
  private List<Violation> underLoad(Business business, HikariDataSource pool, long seed)
      throws SQLException, InterruptedException {
    Load load = new Load(business, times, books, seed);
    Relay relay =
        Relay.builder(
                PostgresStore.create(),
                server.pool("soak-relay", RELAY_CONNECTIONS, "public"),
                new Counting(books))
            .name("soak-relay")
            .pollEvery(Duration.ofMillis(200))
            .start();
    try (relay) {
      load.start();
      begin = System.nanoTime();
      try {
        watch(new Sampler(server, pool, load));
      } finally {
        load.stop(PATIENCE);
      }
      return drain();
    }
  }

  /** Takes samples until the time is over, and holds a snapshot in the middle of it. */
  private void watch(Sampler sampler) throws SQLException, InterruptedException {
    await(times.heldFrom(), sampler);
    try (HeldSnapshot snapshot = HeldSnapshot.begin(server.connections())) {
      held = snapshot.process();
      await(times.heldTo(), sampler);
    }
    await(times.whole(), sampler);
  }

  private void await(Duration end, Sampler sampler) throws SQLException, InterruptedException {
    while (true) {
      Duration next = times.sampleEvery().multipliedBy(samples.size() + 1L);
      if (next.compareTo(end) > 0) {
        pause(end.minus(elapsed()));
        return;
      }
      pause(next.minus(elapsed()));
      Duration at = elapsed();
      samples.add(sampler.take(at, times.part(next.minusMillis(1))));
    }
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private static void pause(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private List<Violation> drain() throws SQLException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    long left = server.number(Sampler.BACKLOG);
    while (left > 0 && System.nanoTime() < end) {
      pause(Duration.ofMillis(100));
      left = server.number(Sampler.BACKLOG);
    }
    return left == 0
        ? List.of()
        : List.of(new Violation(Name.BACKLOG, left + " messages were never published"));
  }

  /** Keeps nothing but a bit for each. */
  private record Counting(Books books) implements Publisher {
    @Override
    public List<PublishResult> publish(List<OutboxMessage> batch) {
      batch.forEach(message -> books.published(Sent.number(message.payload())));
      return Collections.nCopies(batch.size(), PublishResult.sent());
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
