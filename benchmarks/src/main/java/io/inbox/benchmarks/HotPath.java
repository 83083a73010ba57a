package io.inbox.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures {@code process} and {@code processBatch} against JDBC by hand, on eight threads.
 *
 * <p>First the ways to bound the wait by hand race each other; the best of them is what the library
 * is then measured against, in slices of their own. That JDBC runs twice: the distance of the
 * second from 1 is the noise.
 */
final class HotPath {
  private static final int THREADS = 8;

  private final Arena arena;
  private final int sliceMillis;
  private final int rounds;
  private final Map<String, Object> results = new LinkedHashMap<>();
  private final Map<String, Object> details = new LinkedHashMap<>();

  private HotPath(Arena arena, int sliceMillis, int rounds) {
    this.arena = arena;
    this.sliceMillis = sliceMillis;
    this.rounds = rounds;
  }

  static void run(int sliceMillis, int rounds, Path file)
      throws IOException, SQLException, InterruptedException {
    try (Arena arena = Arena.open(THREADS, true)) {
      new HotPath(arena, sliceMillis, rounds).measure(file);
    }
  }

  private void measure(Path file) throws IOException, SQLException, InterruptedException {
    Map<String, String> settings = arena.server().settings();
    System.out.println(DurablePostgres.line(settings));
    Map<String, Object> machine = machine();
    System.out.println(machine);
    double before = load();
    figure("process_vs_jdbc", 1, 0.90);
    figure("batch100_vs_jdbc", Arena.BATCH, 0.85);
    arena.audit();
    machine.put("load_average_before", before);
    machine.put("load_average_after", load());
    results.put("settings", settings);
    results.put("machine", machine);
    results.put("details", details);
    Files.createDirectories(file.toAbsolutePath().getParent());
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), results);
    System.out.println("written to " + file);
  }

  private void figure(String key, int batch, double bar) throws SQLException, InterruptedException {
    List<Contender> bounded = arena.bounded(batch);
    Race.Rates variants = arena.run(bounded, Math.max(1, sliceMillis / 2), Math.max(1, rounds / 2));
    Bound best =
        List.of(Bound.STATEMENTS, Bound.ONE_TRIP, Bound.FUNCTIONS).stream()
            .max(Comparator.comparing(bound -> variants.of(label(bound, batch)).median()))
            .orElseThrow();
    Contender base = arena.byHand(best, batch, false, "");
    Contender again = arena.byHand(best, batch, false, " again (noise)");
    Contender unbounded = arena.byHand(Bound.NONE, batch, false, "");
    Contender timedBase = arena.byHand(best, batch, true, "");
    Contender library = arena.library(batch, false);
    Contender timed = arena.library(batch, true);
    Race.Rates rates =
        arena.run(List.of(library, base, timed, timedBase, again, unbounded), sliceMillis, rounds);
    print(batch, "ways to bound the wait by hand", variants, base.label());
    print(batch, "the library against the best of them", rates, base.label());
    Spread ratio = rates.ratio(library.label(), base.label());
    Spread withTime = rates.ratio(timed.label(), timedBase.label());
    System.out.printf(
        Locale.ROOT, "%s = %s, bar %.2f; with message times %s%n", key, ratio, bar, withTime);
    results.put(key, round(ratio.median()));
    results.put(key + "_quartiles", List.of(round(ratio.low()), round(ratio.high())));
    results.put(key + "_with_message_time", round(withTime.median()));
    results.put(
        key + "_unbounded", round(rates.ratio(library.label(), unbounded.label()).median()));
    results.put(key + "_noise", round(rates.ratio(again.label(), base.label()).median()));
    results.put(key + "_denominator", base.label());
    details.put(key + ", ways to bound the wait", detail(variants, base.label()));
    details.put(key, detail(rates, base.label()));
  }

  private String label(Bound bound, int batch) {
    return arena.byHand(bound, batch, false, "").label();
  }

  private static void print(int batch, String title, Race.Rates rates, String base) {
    System.out.printf(
        Locale.ROOT,
        "%n%s, %s%n%-36s %10s  %19s  %s%n",
        batch == 1 ? "One message to a commit" : batch + " messages to a commit",
        title,
        "",
        "messages/s",
        "quartiles",
        "ratio (quartiles)");
    for (String label : rates.labels()) {
      Spread rate = rates.of(label);
      System.out.printf(
          Locale.ROOT,
          "%-36s %10.0f  %9.0f %9.0f  %s%n",
          label,
          rate.median(),
          rate.low(),
          rate.high(),
          rates.ratio(label, base));
    }
  }

  private static Map<String, Object> detail(Race.Rates rates, String base) {
    Map<String, Object> detail = new LinkedHashMap<>();
    for (String label : rates.labels()) {
      Spread rate = rates.of(label);
      Spread ratio = rates.ratio(label, base);
      detail.put(
          label,
          Map.of(
              "messages_per_second",
              Math.round(rate.median()),
              "messages_per_second_quartiles",
              List.of(Math.round(rate.low()), Math.round(rate.high())),
              "ratio",
              round(ratio.median()),
              "ratio_quartiles",
              List.of(round(ratio.low()), round(ratio.high()))));
    }
    return detail;
  }

  private Map<String, Object> machine() throws SQLException {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    machine.put("processors", Runtime.getRuntime().availableProcessors());
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("arch", System.getProperty("os.arch"));
    machine.put("java", Runtime.version().toString());
    machine.put("threads", THREADS);
    machine.put("pool", THREADS);
    machine.put("slice_ms", sliceMillis);
    machine.put("rounds", rounds);
    machine.put("driver", arena.server().driver());
    return machine;
  }

  private static double load() {
    return round(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
