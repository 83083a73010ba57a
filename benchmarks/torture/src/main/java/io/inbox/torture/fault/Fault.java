package io.inbox.torture.fault;

import io.inbox.testkit.fault.FaultPoint;
import org.jspecify.annotations.Nullable;

/**
 * One fault of a run.
 *
 * @param number which one, from 1
 * @param at how many deliveries were given out when it is due
 * @param kind what goes wrong
 * @param point at which point; null where the kind is bound to none
 * @param choice a number from 0 to 999 that decides what the kind leaves open
 */
public record Fault(int number, long at, FaultKind kind, @Nullable FaultPoint point, int choice) {
  /** Returns the kind and the point, for reports. */
  public String cell() {
    return point == null ? kind.name() : kind + " " + point;
  }
}
