package io.inbox.reconciler.internal.run;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** When the time of a run is used up, by the clock that only runs forward. */
final class Deadline {
  private final @Nullable Long end;

  private Deadline(@Nullable Long end) {
    this.end = end;
  }

  static Deadline in(@Nullable Duration time) {
    return new Deadline(time == null ? null : System.nanoTime() + time.toNanos());
  }

  Optional<Duration> left() {
    return end == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
  }

  boolean isOver() {
    return end != null && end - System.nanoTime() <= 0;
  }
}
