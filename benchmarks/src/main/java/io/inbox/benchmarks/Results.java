package io.inbox.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run writes to its file: figures by name, and what they were taken on. */
final class Results {
  private final Map<String, Object> figures = new LinkedHashMap<>();

  void put(String key, Object value) {
    figures.put(key, value);
  }

  /** Puts a rate as a whole number. */
  void putRate(String key, Spread perSecond) {
    put(key, Math.round(perSecond.median()));
  }

  /** Puts the median under the key, and the quartiles beside it. */
  void put(String key, Spread spread) {
    put(key, round(spread.median()));
    put(key + "_quartiles", List.of(round(spread.low()), round(spread.high())));
  }

  /** Returns a figure put before. */
  double number(String key) {
    if (figures.get(key) instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalStateException("no figure " + key);
  }

  boolean isEmpty() {
    return figures.isEmpty();
  }

  /** Writes all figures as one JSON object; what the file held before is gone. */
  void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(file.toFile(), figures);
    System.out.println("written to " + file);
  }

  /** Describes the machine, the virtual machine and the driver. */
  static Map<String, Object> machine(DurablePostgres server) throws SQLException {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    machine.put("processors", Runtime.getRuntime().availableProcessors());
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("arch", System.getProperty("os.arch"));
    machine.put("java", Runtime.version().toString());
    machine.put("driver", server.driver());
    return machine;
  }

  /** The average number of processes that wanted a processor in the last minute. */
  static double load() {
    return round(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
