package io.inbox.benchmarks;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;

/**
 * Starts one of the programs, by default {@code hotpath}, {@code oneshot}, {@code group}, {@code
 * watermark}, {@code outbox}, {@code collector} and {@code reconciler}. Public because Maven starts
 * it.
 */
public final class Benchmarks {
  private static final String USAGE =
      """
      usage: (nothing)      hotpath, oneshot, group, watermark, outbox, collector and reconciler, into one file
             hotpath    [milliseconds of a slice, default 500] [rounds, default 24]
             oneshot    [milliseconds of a slice, default 500] [rounds, default 16]
             group      [milliseconds of a slice, default 500] [rounds, default 12]
             watermark  [milliseconds of a slice, default 500] [rounds, default 24]
             outbox     [messages of a backlog, default 100000] [rounds, default 5]
             collector  [rows, half of them due, default 4000000] [rounds, default 3]
             reconciler [rows of each side, default 5000000]
             cpu        [milliseconds of a slice, default 250] [rounds, default 24]
             layouts    [rows, default 1000000]
      """;

  private static final Set<String> ONE_OPTION = Set.of("layouts", "reconciler");

  private Benchmarks() {}

  public static void main(String[] args) throws Exception {
    String program = args.length == 0 ? "" : args[0];
    Results results = new Results();
    switch (program) {
      case "" -> {
        hotPath(args, results);
        oneShot(args, results);
        groupCommit(args, results);
        watermark(args, results);
        outbox(args, results);
        collector(args, results);
        reconciler(args, results);
      }
      case "hotpath" -> hotPath(args, results);
      case "oneshot" -> oneShot(args, results);
      case "group" -> groupCommit(args, results);
      case "watermark" -> watermark(args, results);
      case "outbox" -> outbox(args, results);
      case "collector" -> collector(args, results);
      case "cpu" -> CpuCost.run((int) number(args, 1, 250), (int) number(args, 2, 24));
      case "reconciler" -> reconciler(args, results);
      case "layouts" -> KeyLayouts.run(number(args, 1, 1_000_000));
      default -> throw refused(args);
    }
    if (!results.isEmpty()) {
      results.write(Path.of(System.getProperty("benchmarks.results", "target/results.json")));
    }
  }

  private static void hotPath(String[] args, Results results) throws Exception {
    HotPath.run((int) number(args, 1, 500), (int) number(args, 2, 24), results);
  }

  private static void oneShot(String[] args, Results results) throws Exception {
    OneTripRun.run((int) number(args, 1, 500), (int) number(args, 2, 16), results);
  }

  private static void groupCommit(String[] args, Results results) throws Exception {
    GroupCommitRun.run((int) number(args, 1, 500), (int) number(args, 2, 12), results);
  }

  private static void watermark(String[] args, Results results) throws Exception {
    WatermarkRun.run((int) number(args, 1, 500), (int) number(args, 2, 24), results);
  }

  private static void outbox(String[] args, Results results) throws Exception {
    OutboxRun.run(
        OutboxEffort.of((int) number(args, 1, 100_000), (int) number(args, 2, 5)), results);
  }

  private static void collector(String[] args, Results results) throws Exception {
    CollectorRun.run(number(args, 1, 4_000_000), (int) number(args, 2, 3), results);
  }

  private static void reconciler(String[] args, Results results) throws Exception {
    ReconcilerSpeed.run(number(args, 1, 5_000_000), results);
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
