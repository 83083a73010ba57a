package io.inbox.reconciler.internal.pair;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a check goes on.
 *
 * @param next where to begin, as {@link HashRange} counts
 * @param end where to end
 * @param step how much to compare at a time; less after a run whose time was too short
 * @param rows how many rows one side has in all, as far as is known; 0 where it is not
 */
record Position(int next, int end, int step, long rows) {
  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,5})-(\\d{1,5}) step (\\d{1,5}) rows (\\d{1,18})");

  /** Returns the place where a run begins that has to look at these buckets. */
  static Position at(HashRange range) {
    return new Position(range.first(), range.end(), HashRange.PARTS, 0);
  }

  /** Reads what {@link #toString} wrote; empty where that cannot be. */
  static Optional<Position> of(Optional<String> checkpoint) {
    Matcher matcher = TEXT.matcher(checkpoint.orElse(""));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int next = Integer.parseInt(matcher.group(1));
    int end = Integer.parseInt(matcher.group(2));
    int step = Integer.parseInt(matcher.group(3));
    return next < end && end <= HashRange.PARTS && step >= 1 && step <= HashRange.PARTS
        ? Optional.of(new Position(next, end, step, Long.parseLong(matcher.group(4))))
        : Optional.empty();
  }

  boolean isAtTheEnd() {
    return next >= end;
  }

  Position movedTo(int place) {
    return new Position(place, end, step, rows);
  }

  Position withStep(int other) {
    return new Position(next, end, Math.max(1, Math.min(HashRange.PARTS, other)), rows);
  }

  Position withRows(long other) {
    return new Position(next, end, step, other);
  }

  @Override
  public String toString() {
    return next + "-" + end + " step " + step + " rows " + rows;
  }
}
