package io.inbox.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * Starts one of the programs: {@code hotpath} (the default), {@code cpu} or {@code layouts}. Public
 * because Maven starts it.
 */
public final class Benchmarks {
  private static final String USAGE =
      """
      usage: hotpath [milliseconds of a slice, default 500] [rounds, default 24]
             cpu     [milliseconds of a slice, default 250] [rounds, default 24]
             layouts [rows, default 1000000]
      """;

  private Benchmarks() {}

  public static void main(String[] args) throws Exception {
    String program = args.length == 0 ? "hotpath" : args[0];
    switch (program) {
      case "hotpath" ->
          HotPath.run(
              (int) number(args, 1, 500),
              (int) number(args, 2, 24),
              Path.of(System.getProperty("benchmarks.results", "target/results.json")));
      case "cpu" -> CpuCost.run((int) number(args, 1, 250), (int) number(args, 2, 24));
      case "layouts" -> KeyLayouts.run(number(args, 1, 1_000_000));
      default -> throw refused(args);
    }
  }

  private static long number(String[] args, int place, long preset) {
    int most = args.length > 0 && args[0].equals("layouts") ? 2 : 3;
    try {
      long value = args.length > place ? Long.parseLong(args[place]) : preset;
      if (args.length <= most && value >= 1 && value <= 100_000_000) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw refused(args);
    }
    throw refused(args);
  }

  private static IllegalArgumentException refused(String[] args) {
    return new IllegalArgumentException("got " + Arrays.toString(args) + "; " + USAGE);
  }
}
