package io.inbox.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures {@code process} and {@code processBatch} against JDBC by hand, on eight threads.
 *
 * <p>All contenders race each other, three ways to bound the wait by hand among them. The library
 * is measured against the one of these that turned out best, a choice that favours JDBC. One of
 * them runs twice: the distance of the second from 1 is the noise.
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
    Contender library = arena.library(batch, false);
    List<Contender> bounded = arena.bounded(batch);
    Contender again = arena.byHand(Bound.FUNCTIONS, batch, false, " again");
    Contender timed = arena.library(batch, true);
    Contender timedByHand = arena.byHand(Bound.FUNCTIONS, batch, true, "");
    Contender unbounded = arena.byHand(Bound.NONE, batch, false, "");
    List<Contender> contenders = new ArrayList<>(bounded);
    contenders.addAll(1, List.of(library, timed));
    contenders.addAll(List.of(timedByHand, again, unbounded));
    Race.Rates rates = arena.run(contenders, sliceMillis, rounds);
    String best =
        bounded.stream()
            .map(Contender::label)
            .max(Comparator.comparing(label -> rates.ratio(label, unbounded.label()).median()))
            .orElseThrow();
    String functions = arena.byHand(Bound.FUNCTIONS, batch, false, "").label();
    Spread ratio = rates.ratio(library.label(), best);
    Spread noise = rates.ratio(again.label(), functions);
    Spread withTime = rates.ratio(timed.label(), timedByHand.label());
    print(batch, rates, best);
    System.out.printf(
        Locale.ROOT,
        "%s = %s over %s (bar %.2f)%n  both with message times %s; noise, FUNCTIONS over itself %s%n",
        key,
        ratio,
        best,
        bar,
        withTime,
        noise);
    results.put(key, round(ratio.median()));
    results.put(key + "_quartiles", List.of(round(ratio.low()), round(ratio.high())));
    results.put(key + "_denominator", best);
    results.put(
        key + "_unbounded", round(rates.ratio(library.label(), unbounded.label()).median()));
    results.put(key + "_with_message_time", round(withTime.median()));
    results.put(key + "_noise", round(noise.median()));
    results.put(key + "_noise_quartiles", List.of(round(noise.low()), round(noise.high())));
    details.put(key, detail(rates, best));
  }

  private static void print(int batch, Race.Rates rates, String base) {
    System.out.printf(
        Locale.ROOT,
        "%n%s%n%-36s %10s  %19s  %s%n",
        batch == 1 ? "One message to a commit" : batch + " messages to a commit",
        "",
        "messages/s",
        "quartiles",
        "over " + base + " (quartiles)");
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
