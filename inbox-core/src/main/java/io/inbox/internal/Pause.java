package io.inbox.internal;

import java.util.concurrent.ThreadLocalRandom;

/**
 * The short wait between two runs of a unit of work that lost a race: full jitter, 2 ms doubling to
 * 64 ms at most.
 */
final class Pause {
  private static final int LONGEST_SHIFT = 5;

  private Pause() {}

  /** Waits; returns false, with the interrupt kept, when the thread is told to stop. */
  static boolean beforeRound(int round) {
    try {
      Thread.sleep(
          1 + ThreadLocalRandom.current().nextLong(2L << Math.min(round - 1, LONGEST_SHIFT)));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
