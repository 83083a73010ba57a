package io.inbox.reconciler.internal.pair;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a check goes on.
 *
 * @param next the bucket to begin with
 * @param step how many buckets to compare at a time; fewer after a run whose time was too short
 * @param rows how many rows one side has in all buckets, as far as is known; 0 where it is not
 */
record Position(int next, int step, long rows) {
  static final Position START = new Position(0, Buckets.COUNT, 0);

  private static final Pattern TEXT =
      Pattern.compile("next=(\\d{1,5}) step=(\\d{1,5}) rows=(\\d{1,18})");

  /** Reads what {@link #toString} wrote; what cannot be read begins anew. */
  static Position of(Optional<String> checkpoint) {
    Matcher matcher = TEXT.matcher(checkpoint.orElse(""));
    if (!matcher.matches()) {
      return START;
    }
    int next = Integer.parseInt(matcher.group(1));
    int step = Integer.parseInt(matcher.group(2));
    return next < Buckets.COUNT && step >= 1 && step <= Buckets.COUNT
        ? new Position(next, step, Long.parseLong(matcher.group(3)))
        : START;
  }

  Position at(int bucket) {
    return new Position(bucket % Buckets.COUNT, step, rows);
  }

  Position withStep(int other) {
    return new Position(next, Math.max(1, Math.min(Buckets.COUNT, other)), rows);
  }

  Position withRows(long other) {
    return new Position(next, step, other);
  }

  @Override
  public String toString() {
    return "next=" + next + " step=" + step + " rows=" + rows;
  }
}
