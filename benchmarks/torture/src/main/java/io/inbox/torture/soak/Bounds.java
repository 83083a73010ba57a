package io.inbox.torture.soak;

import io.inbox.torture.soak.Violation.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/**
 * Compares the samples of the end with those of before the snapshot was held.
 *
 * <p>Medians, so that a single moment says nothing; of the heap the least, which is nearest to what
 * is held. Room is another matter: while a snapshot is held, nothing that was deleted can be
 * cleared away, so tables take more and do not give it back. They may go on taking what they took
 * at most until it was cleared away, and no more: it is used again.
 */
final class Bounds {
  private static final int MORE_THREADS = 3;
  private static final int MORE_STATEMENTS = 20;
  private static final int MOST_STATEMENTS = 200;
  private static final long MORE_HEAP = 4L << 20;
  private static final long MORE_ROWS = 1_000;
  private static final long MORE_DEAD = 5_000;
  private static final long MORE_BYTES = 1L << 20;

  private final List<Sample> before;
  private final List<Sample> after;
  private final List<Sample> untilCleared;
  private final List<Violation> found = new ArrayList<>();

  private Bounds(List<Sample> samples) {
    before = samples.stream().filter(sample -> sample.part() == Part.BEFORE).toList();
    after = samples.stream().filter(sample -> sample.part() == Part.AFTER).toList();
    untilCleared = samples.stream().filter(sample -> sample.part() != Part.AFTER).toList();
    if (before.isEmpty() || after.isEmpty()) {
      throw new IllegalStateException("there are no samples to compare");
    }
  }

  static List<Violation> violated(List<Sample> samples) {
    Bounds bounds = new Bounds(samples);
    bounds.process();
    bounds.tables();
    return bounds.found;
  }

  private void process() {
    compare(Name.HEAP, Sample.HEAP, Bounds::least, 1.1, MORE_HEAP);
    compare(Name.THREADS, Sample.THREADS, Bounds::median, 1, MORE_THREADS);
    compare(Name.CONNECTIONS, Sample.CONNECTIONS, Bounds::median, 1, 0);
    compare(Name.CONNECTIONS, Sample.IN_USE, Bounds::median, 1, 0);
    compare(Name.STATEMENTS, Sample.STATEMENTS, Bounds::median, 1, MORE_STATEMENTS);
    // The driver keeps 256 at most: a cache that was full before cannot grow.
    expect(Name.STATEMENTS, Sample.STATEMENTS, MOST_STATEMENTS, of(after, Sample.STATEMENTS).max());
    compare(Name.BACKLOG, Sample.BACKLOG, Bounds::median, 1.2, MORE_ROWS);
  }

  private void tables() {
    for (String figure : after.get(after.size() - 1).names()) {
      if (figure.startsWith(Sample.ROWS)) {
        compare(Name.ROWS, figure, Bounds::median, 1.2, MORE_ROWS);
      } else if (figure.startsWith(Sample.DEAD)) {
        long bound = 2 * of(before, figure).max() + MORE_DEAD;
        expect(Name.DEAD_ROWS, figure, bound, median(of(after, figure)));
      } else if (figure.startsWith(Sample.BYTES)) {
        long bound = (long) (1.1 * of(untilCleared, figure).max()) + MORE_BYTES;
        expect(Name.BYTES, figure, bound, of(after, figure).max());
      }
    }
  }

  private void compare(
      Name name, String figure, ToLongFunction<Values> measure, double factor, long more) {
    long bound = (long) (factor * measure.applyAsLong(of(before, figure))) + more;
    expect(name, figure, bound, measure.applyAsLong(of(after, figure)));
  }

  private void expect(Name name, String figure, long bound, long measured) {
    if (measured > bound) {
      found.add(
          new Violation(
              name,
              String.format(
                  Locale.ROOT, "%s is %,d at the end, the bound is %,d", figure, measured, bound)));
    }
  }

  /** The values of one figure, in their order of size; at least one. */
  private record Values(List<Long> sorted) {
    long max() {
      return sorted.get(sorted.size() - 1);
    }
  }

  private static Values of(List<Sample> samples, String figure) {
    LongStream values = samples.stream().mapToLong(sample -> sample.get(figure));
    return new Values(values.sorted().boxed().toList());
  }

  private static long least(Values values) {
    return values.sorted.get(0);
  }

  private static long median(Values values) {
    return values.sorted.get(values.sorted.size() / 2);
  }
}
