package io.inbox.reconciler.internal.collector;

import java.time.Duration;

/**
 * How much to take at a time, and how long to leave the database alone afterwards.
 *
 * <p>A batch is to take a certain time. What a place costs is learnt: what it takes to pass it, and
 * what each row that goes costs on top. The next batch is sized as if every place were full of rows
 * that go, so that the first dense place after many empty ones is no surprise. While others are
 * busy the batches are shorter and most of the time is theirs.
 */
final class Pace {
  private static final double NEWEST = 0.3;
  private static final double FIRST_ROW_NANOS = 5_000;
  private static final double FIRST_PLACE_NANOS = 10_000;

  private final double targetNanos;
  private double density;
  private double rowNanos = FIRST_ROW_NANOS;
  private double placeNanos = FIRST_PLACE_NANOS;
  private double mostPlaces = Double.MAX_VALUE;
  private boolean busy = true;

  Pace(Duration target, int rowsPerPlace) {
    this.targetNanos = target.toNanos();
    this.density = rowsPerPlace;
  }

  /** Says whether others use the database. */
  void busy(boolean now) {
    busy = now;
  }

  /** Returns how many places the next batch takes. */
  long places() {
    double target = busy ? targetNanos / 4 : targetNanos;
    double places = target / (placeNanos + density * rowNanos);
    return Math.max(1, (long) Math.min(places, mostPlaces));
  }

  /**
   * Learns from a batch, and returns how many nanoseconds to pause.
   *
   * @param removing how long its statement took
   * @param nanos how long all of it took, with what every batch takes, however small
   */
  long took(long places, long rows, long removing, long nanos) {
    if (rows == 0) {
      placeNanos += NEWEST * ((double) removing / places - placeNanos);
    } else {
      double cost = Math.max(100, (removing - placeNanos * places) / rows);
      rowNanos += NEWEST * (cost - rowNanos);
    }
    mostPlaces = Math.max(2, mostPlaces) * 2;
    return busy ? 3 * nanos : 0;
  }

  /** Learns that a row of the last batch was locked; returns how many nanoseconds to pause. */
  long hindered(long places, long nanos) {
    mostPlaces = Math.max(1, places / 2);
    return nanos;
  }
}
