package io.inbox.testkit.crash;

import io.inbox.testkit.fault.FaultPoint;
import java.util.EnumSet;
import java.util.Set;

/** A way to fail at a point. */
public enum CrashWay {
  /** An {@code Error} is thrown at the point; the process lives on, and what it holds in memory. */
  THREAD_DIES(FaultPoint.P0_RECEIVED, FaultPoint.P11_ACKNOWLEDGED),

  /** A child JVM that is at the point is killed, as {@code kill -9} does. */
  PROCESS_KILLED(FaultPoint.P0_RECEIVED, FaultPoint.P11_ACKNOWLEDGED),

  /** The database ends the session in use at the point; the thread goes on and meets that. */
  SESSION_ENDED(FaultPoint.P1_CONNECTED, FaultPoint.P9_COMMITTED),

  /** The next request after the point does not reach the server; after P8 that is COMMIT. */
  REQUEST_LOST(FaultPoint.P1_CONNECTED, FaultPoint.P8_COMMITTING),

  /** The server works on the next request after the point, and its answer is lost. */
  ANSWER_LOST(FaultPoint.P1_CONNECTED, FaultPoint.P8_COMMITTING);

  private final FaultPoint first;
  private final FaultPoint last;

  CrashWay(FaultPoint first, FaultPoint last) {
    this.first = first;
    this.last = last;
  }

  /** Returns the points at which it can strike. */
  public Set<FaultPoint> points() {
    return EnumSet.range(first, last);
  }

  boolean needsProxy() {
    return this == REQUEST_LOST || this == ANSWER_LOST;
  }
}
