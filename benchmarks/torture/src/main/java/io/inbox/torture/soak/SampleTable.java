package io.inbox.torture.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Samples as text. */
final class SampleTable {
  private static final int LINES = 12;
  private static final double MEGA = 1e6;
  private static final String MESSAGE = "inbox.message";
  private static final String OUTBOX = "inbox.outbox";

  private SampleTable() {}

  /** Returns all samples with all figures, as CSV. */
  static List<String> csv(List<Sample> samples) {
    List<String> names = samples.get(samples.size() - 1).names();
    List<String> lines = new ArrayList<>();
    lines.add("seconds,part," + String.join(",", names));
    for (Sample sample : samples) {
      StringBuilder line = new StringBuilder();
      line.append(sample.at().toMillis() / 1e3).append(',').append(sample.part());
      names.forEach(name -> line.append(',').append(sample.get(name)));
      lines.add(line.toString());
    }
    return lines;
  }

  /** Returns a dozen of the samples with what matters most. */
  static List<String> lines(List<Sample> samples) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "seconds part     deliveries heapMB threads sessions statements backlog    keys    dead  keysMB outboxMB allMB");
    int shown = Math.min(LINES, samples.size());
    for (int i = 1; i <= shown; i++) {
      lines.add(line(samples.get(samples.size() * i / shown - 1)));
    }
    return lines;
  }

  private static String line(Sample sample) {
    long bytes =
        sample.names().stream()
            .filter(name -> name.startsWith(Sample.BYTES))
            .mapToLong(sample::get)
            .sum();
    return String.format(
        Locale.ROOT,
        "%7d %-8s %10d %6.1f %7d %8d %10d %7d %7d %7d %7.1f %8.1f %5.1f",
        sample.at().toSeconds(),
        sample.part(),
        sample.get(Sample.DELIVERIES),
        sample.get(Sample.HEAP) / MEGA,
        sample.get(Sample.THREADS),
        sample.get(Sample.CONNECTIONS),
        sample.get(Sample.STATEMENTS),
        sample.get(Sample.BACKLOG),
        sample.get(Sample.ROWS + MESSAGE),
        sample.get(Sample.DEAD + MESSAGE),
        sample.get(Sample.BYTES + MESSAGE) / MEGA,
        sample.get(Sample.BYTES + OUTBOX) / MEGA,
        bytes / MEGA);
  }
}
