package io.inbox.testkit.fault;

/**
 * The points of a delivery ({@code P}) and of a relay's cycle ({@code R}) at which something can
 * break. All of them can be seen from outside, through the SPI: {@link FaultPoints} reports those
 * that a decorator sees, whoever receives and acknowledges reports the others.
 */
public enum FaultPoint {
  /** A delivery was received; nothing has been done about it. Reported by whoever receives. */
  P0_RECEIVED,

  /** A connection was taken from the pool. */
  P1_CONNECTED,

  /** The transaction has begun; nothing was sent to the database. */
  P2_BEGUN,

  /** The claim is what goes to the database next. */
  P3_CLAIMING,

  /** The claim was answered. */
  P4_CLAIMED,

  /** In the handler, between its statements. Reported by the handler. */
  P5_HANDLING,

  /**
   * The rows of the outbox go to the database next; only where something was appended. Where they
   * go together with COMMIT, this is after {@link #P7_GUARDING}.
   */
  P6_FLUSHING,

  /** The commit guard looks next. */
  P7_GUARDING,

  /** COMMIT goes to the database next. */
  P8_COMMITTING,

  /** The driver has the answer to COMMIT, the library has not. */
  P9_COMMITTED,

  /** The outcome is known and not acknowledged. */
  P10_DECIDED,

  /** The acknowledgement was sent. Reported by whoever acknowledges. */
  P11_ACKNOWLEDGED,

  /** A relay has read messages and publishes them next. */
  R1_READ,

  /** The receiver has the messages; the relay does not know. */
  R2_SENT,

  /** The relay knows; the deletion goes to the database next. */
  R3_CONFIRMED,

  /** The deletion was answered. */
  R4_DELETED
}
