package io.inbox.internal.outbox;

import java.time.Duration;

/**
 * A lane whose oldest message failed.
 *
 * @param slot its slot
 * @param lane the lane
 * @param topic its topic
 * @param attempts how often the oldest message was tried
 * @param nextNanos when it is tried again, by {@link System#nanoTime()}
 */
record BlockedLane(int slot, String lane, String topic, int attempts, long nextNanos) {
  private static final Duration LONGEST = Duration.ofDays(365);

  static BlockedLane of(int slot, String lane, String topic, int attempts, Duration delay) {
    Duration bounded = delay.compareTo(LONGEST) > 0 ? LONGEST : delay;
    return new BlockedLane(slot, lane, topic, attempts, System.nanoTime() + bounded.toNanos());
  }

  BlockedLane after(int attemptsNow, Duration delay) {
    return of(slot, lane, topic, attemptsNow, delay);
  }

  long nanosLeft() {
    return Math.max(0, nextNanos - System.nanoTime());
  }

  boolean due() {
    return nanosLeft() == 0;
  }
}
