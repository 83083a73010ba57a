package io.inbox.reconciler.internal.run;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When a run has to end: its time is used up, by the clock that only runs forward, or somebody
 * wants it to. Thread-safe.
 */
final class Deadline {
  private final @Nullable Long end;
  private final BooleanSupplier stop;
  private volatile boolean interrupted;

  private Deadline(@Nullable Long end, BooleanSupplier stop) {
    this.end = end;
    this.stop = stop;
  }

  static Deadline in(@Nullable Duration time, BooleanSupplier stop) {
    return new Deadline(time == null ? null : System.nanoTime() + time.toNanos(), stop);
  }

  Optional<Duration> left() {
    if (isOver()) {
      return Optional.of(Duration.ZERO);
    }
    return end == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
  }

  boolean isOver() {
    return interrupted || (end != null && end - System.nanoTime() <= 0) || stop.getAsBoolean();
  }

  /** Ends everything that is still to be done: the run was interrupted. */
  void interrupt() {
    interrupted = true;
  }
}
