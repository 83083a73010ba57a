package io.inbox.testkit.crash;

import io.inbox.testkit.fault.FaultPoint;

/**
 * Where in a delivery something fails.
 *
 * @param point the point of the protocol
 * @param statements how many statements the handler has executed there, where the point is {@link
 *     FaultPoint#P5_HANDLING}; else 0
 */
public record CrashPlace(FaultPoint point, int statements) {
  static CrashPlace of(FaultPoint point) {
    return new CrashPlace(point, 0);
  }

  /** Whether the decorators see it; what lies around the call of the inbox is the kit's to do. */
  boolean seenFromInside() {
    return point.compareTo(FaultPoint.P1_CONNECTED) >= 0
        && point.compareTo(FaultPoint.P9_COMMITTED) <= 0;
  }

  boolean beforeCommit() {
    return point.compareTo(FaultPoint.P9_COMMITTED) < 0;
  }

  /** Returns the point, and how far the handler was. */
  @Override
  public String toString() {
    return point == FaultPoint.P5_HANDLING
        ? point + " after " + statements + (statements == 1 ? " statement" : " statements")
        : point.toString();
  }
}
