package io.inbox.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Starts one of the programs, by default all those whose figures have a bar and that do not take
 * long. Public because Maven starts it.
 */
public final class Benchmarks {
  private static final String USAGE =
      """
      usage: (nothing)      the first ten, one after the other, into one file
             hotpath    [milliseconds of a slice, default 500] [rounds, default 24]
             peers      [milliseconds of a slice, default 500] [rounds, default 12]
             duplicates [milliseconds of a slice, default 500] [rounds, default 12]
             oneshot    [milliseconds of a slice, default 500] [rounds, default 16]
             group      [milliseconds of a slice, default 500] [rounds, default 12]
             watermark  [milliseconds of a slice, default 500] [rounds, default 24]
             outbox     [messages of a backlog, default 100000] [rounds, default 4]
             collector  [rows, half of them due, default 4000000] [rounds, default 2]
             buckets    [keys of a bucket, default 1000000] [rounds, default 3]
             reconciler [rows of each side, default 5000000]
             matrix     [milliseconds of a cell, default 400]
             memory     [keys, default 10000000]
             steady     [messages, default 10000000]
             cpu        [milliseconds of a slice, default 250] [rounds, default 24]
             layouts    [rows, default 1000000]
             plots      draws what the results file holds
      """;

  private static final Set<String> ONE_OPTION =
      Set.of("layouts", "reconciler", "matrix", "memory", "steady");

  private Benchmarks() {}

  /** A program with its options. */
  @FunctionalInterface
  private interface Program {
    void run(String[] args, Results results) throws Exception;
  }

  /** In the order in which they run if none is named. */
  private static Map<String, Program> programs() {
    Map<String, Program> programs = new LinkedHashMap<>();
    programs.put("hotpath", (args, to) -> HotPath.run(slice(args, 500), rounds(args, 24), to));
    programs.put("peers", (args, to) -> PeerRun.run(slice(args, 500), rounds(args, 12), to));
    programs.put(
        "duplicates", (args, to) -> DuplicatesRun.run(slice(args, 500), rounds(args, 12), to));
    programs.put("oneshot", (args, to) -> OneTripRun.run(slice(args, 500), rounds(args, 16), to));
    programs.put("group", (args, to) -> GroupCommitRun.run(slice(args, 500), rounds(args, 12), to));
    programs.put(
        "watermark", (args, to) -> WatermarkRun.run(slice(args, 500), rounds(args, 24), to));
    programs.put(
        "outbox",
        (args, to) -> OutboxRun.run(OutboxEffort.of(slice(args, 100_000), rounds(args, 4)), to));
    programs.put(
        "collector", (args, to) -> CollectorRun.run(slice(args, 4_000_000), rounds(args, 2), to));
    programs.put(
        "buckets", (args, to) -> BucketRun.run(slice(args, 1_000_000), 500, rounds(args, 3), to));
    programs.put("reconciler", (args, to) -> ReconcilerSpeed.run(number(args, 1, 5_000_000), to));
    return programs;
  }

  public static void main(String[] args) throws Exception {
    String name = args.length == 0 ? "" : args[0];
    Map<String, Program> programs = programs();
    Results results = new Results();
    if (name.isEmpty()) {
      for (Program program : programs.values()) {
        program.run(args, results);
      }
    } else if (programs.containsKey(name)) {
      programs.get(name).run(args, results);
    } else {
      byOption(name, args, results);
    }
    if (!results.isEmpty()) {
      results.write(file());
    }
  }

  /** What takes long, or is for reading only. */
  private static void byOption(String name, String[] args, Results results) throws Exception {
    switch (name) {
      case "matrix" -> Matrix.run(slice(args, 400), results);
      case "memory" -> Memory.run(number(args, 1, 10_000_000), 500, 8, results);
      case "steady" -> Steady.run(number(args, 1, 10_000_000), results);
      case "cpu" -> CpuCost.run(slice(args, 250), rounds(args, 24));
      case "layouts" -> KeyLayouts.run(number(args, 1, 1_000_000));
      case "plots" -> {
        if (args.length > 1) {
          throw refused(args);
        }
        Plots.draw(file(), Path.of(System.getProperty("benchmarks.plots", "target/plots")));
      }
      default -> throw refused(args);
    }
  }

  private static Path file() {
    return Path.of(System.getProperty("benchmarks.results", "target/results.json"));
  }

  private static int slice(String[] args, int preset) {
    return (int) number(args, 1, preset);
  }

  private static int rounds(String[] args, int preset) {
    return (int) number(args, 2, preset);
  }

  private static long number(String[] args, int place, long preset) {
    int most = args.length > 0 && ONE_OPTION.contains(args[0]) ? 2 : 3;
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
