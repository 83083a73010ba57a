package io.inbox.reconciler.internal.pair;

import java.time.Duration;
import java.time.Instant;

/**
 * A stretch of time.
 *
 * @param from its first moment
 * @param to the first moment after it
 */
public record Bounds(Instant from, Instant to) {
  boolean isEmpty() {
    return !from.isBefore(to);
  }

  Bounds widened(Duration slack) {
    return new Bounds(from.minus(slack), to.plus(slack));
  }
}
