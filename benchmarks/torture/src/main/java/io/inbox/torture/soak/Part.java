package io.inbox.torture.soak;

/** A part of a run, in their order. */
enum Part {
  /** Until the tables are as full as they get. */
  WARM_UP,

  /** What the end is compared with. */
  BEFORE,

  /** While a foreign transaction holds its snapshot. */
  HELD,

  /** While the server clears away what it could not before. */
  CLEARING,

  /** The end. */
  AFTER
}
