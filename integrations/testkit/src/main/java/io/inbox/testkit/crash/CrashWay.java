package io.inbox.testkit.crash;

import io.inbox.testkit.fault.FaultPoint;
import java.util.EnumSet;
import java.util.List;

/** The ways in which a delivery can be made to fail within one process. */
public enum CrashWay {
  /** The thread dies by an Error at the point, and a new process gets the redelivery. */
  THREAD_DIES(
      "the thread died by an Error, and a new process went on",
      FaultPoint.P0_RECEIVED,
      FaultPoint.P10_DECIDED),

  /**
   * The connection breaks at the point: the server rolls back, and every later call of the client
   * fails with SQLSTATE 08006.
   */
  CONNECTION_BREAKS(
      "the connection broke, and the server rolled back",
      FaultPoint.P1_CONNECTED,
      FaultPoint.P7_GUARDING),

  /** The server ends the session at the point; PostgreSQL only. */
  SESSION_TERMINATED(
      "the server ended the session", FaultPoint.P1_CONNECTED, FaultPoint.P9_COMMITTED),

  /** The connection breaks before COMMIT has arrived: the server rolls back. */
  COMMIT_NOT_ARRIVED(
      "COMMIT never arrived, and the connection was lost",
      FaultPoint.P8_COMMITTING,
      FaultPoint.P8_COMMITTING),

  /** The server commits, and the connection breaks before the client has the answer. */
  COMMIT_ANSWER_LOST(
      "it was committed, and the answer to COMMIT was lost",
      FaultPoint.P9_COMMITTED,
      FaultPoint.P9_COMMITTED),

  /** The delivery is settled, and its acknowledgement is lost: it is delivered once more. */
  ACKNOWLEDGEMENT_LOST(
      "the acknowledgement was lost", FaultPoint.P11_ACKNOWLEDGED, FaultPoint.P11_ACKNOWLEDGED);

  private final String told;
  private final FaultPoint first;
  private final FaultPoint last;

  CrashWay(String told, FaultPoint first, FaultPoint last) {
    this.told = told;
    this.first = first;
    this.last = last;
  }

  /** Returns the points at which it can strike, in their order. */
  public List<FaultPoint> points() {
    return List.copyOf(EnumSet.range(first, last));
  }

  /** What it does, as a report tells it. */
  String told() {
    return told;
  }

  /** Whether what comes after it is in another process. */
  boolean endsProcess() {
    return this == THREAD_DIES;
  }
}
