package io.inbox.testkit.crash;

import io.inbox.testkit.fault.FaultPoint;

/**
 * Where to strike.
 *
 * @param occurrence which time the delivery passes the point, from 1
 */
record Aim(FaultPoint point, int occurrence) {
  @Override
  public String toString() {
    return occurrence == 1 && point != FaultPoint.P5_HANDLING
        ? point.name()
        : point + "#" + occurrence;
  }
}
