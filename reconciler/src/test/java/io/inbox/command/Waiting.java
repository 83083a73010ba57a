package io.inbox.command;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what other threads and processes do. */
final class Waiting {
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private Waiting() {}

  /** Returns once the condition holds, and fails if it does not in two minutes. */
  static void until(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not within " + LONGEST);
      }
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }
}
