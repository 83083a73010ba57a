package io.inbox.reconciler.internal.collector;

import java.time.Duration;

/**
 * How much to take at a time, and how long to leave the database alone afterwards.
 *
 * <p>A batch is to take a certain time. What a place costs is learnt: what it takes to pass it, and
 * what each row that goes costs on top. While others are busy, the next batch is sized as if every
 * place were full of rows that go, so that the first dense place after many empty ones is no
 * surprise; the batches are shorter, and most of the time is theirs. While nobody is, it is sized
 * by how many rows went lately, and a surprise is {@value #SURPRISE} times as long. Where nobody is
 * seen, yet everything takes several times as long as it did, half of the time is left to others.
 */
final class Pace {
  /** How many times as long as it should take a batch may be, while nobody else is busy. */
  private static final int SURPRISE = 4;

  private static final double NEWEST = 0.3;
  private static final double FIRST_ROW_NANOS = 5_000;
  private static final double FIRST_PLACE_NANOS = 10_000;

  /** Of the target, while others are busy. */
  private static final double BUSY_SHARE = 0.25;

  /** How many times as long as its batch a pause is while others are busy. */
  private static final int BUSY_PAUSE = 3;

  /** How many times as long as at its best a row may take before it is taken for a sign. */
  private static final double SLOW = 4;

  private final double targetNanos;
  private final double density;
  private double seenDensity;
  private double rowNanos = FIRST_ROW_NANOS;
  private double leastRowNanos = Double.MAX_VALUE;
  private double placeNanos = FIRST_PLACE_NANOS;
  private double overheadNanos;
  private double mostPlaces = Double.MAX_VALUE;
  private boolean busy = true;

  Pace(Duration target, int rowsPerPlace) {
    this.targetNanos = target.toNanos();
    this.density = rowsPerPlace;
    this.seenDensity = rowsPerPlace;
  }

  /** Says whether others use the database. */
  void busy(boolean now) {
    busy = now;
  }

  /** Returns how many places the next batch takes. */
  long places() {
    // What every batch takes, however small, is not to be most of it.
    double target =
        Math.min(
            targetNanos, Math.max(busy ? targetNanos * BUSY_SHARE : targetNanos, overheadNanos));
    double full = target / (placeNanos + density * rowNanos);
    double places =
        busy ? full : Math.min(SURPRISE * full, target / (placeNanos + seenDensity * rowNanos));
    return Math.max(1, (long) Math.min(places, mostPlaces));
  }

  /**
   * Learns from a batch, and returns how many nanoseconds to pause.
   *
   * @param removing how long its statement took
   * @param nanos how long all of it took, with what every batch takes, however small
   */
  long took(long places, long rows, long removing, long nanos) {
    overheadNanos += NEWEST * (nanos - removing - overheadNanos);
    mostPlaces = Math.max(2, 2 * mostPlaces);
    seenDensity += NEWEST * ((double) rows / places - seenDensity);
    if (rows == 0) {
      placeNanos += NEWEST * ((double) removing / places - placeNanos);
    } else {
      double cost = Math.max(100, (removing - placeNanos * places) / rows);
      rowNanos += NEWEST * (cost - rowNanos);
      leastRowNanos = Math.min(leastRowNanos, rowNanos);
    }
    boolean slow = rows > 0 && rowNanos > SLOW * leastRowNanos;
    return busy ? BUSY_PAUSE * nanos : slow ? nanos : 0;
  }

  /** Learns that a row of the last batch was locked; returns how many nanoseconds to pause. */
  long hindered(long places, long nanos) {
    mostPlaces = Math.max(1, places / 2);
    return nanos;
  }
}
