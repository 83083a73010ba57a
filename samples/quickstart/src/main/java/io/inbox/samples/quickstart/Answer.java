package io.inbox.samples.quickstart;

/** What a consumer says about a delivery. */
enum Answer {
  /** It was booked now. */
  HANDLED,

  /** It had been booked by this very delivery, whose acknowledgement was lost. */
  HANDLED_BEFORE,

  /** Another delivery of the same content had been booked. */
  DUPLICATE,

  /** Another content had been accepted under its id. */
  MISMATCH,

  /** It was given up, now or before. */
  DEAD,

  /** Nothing was kept: deliver it again. */
  AGAIN
}
