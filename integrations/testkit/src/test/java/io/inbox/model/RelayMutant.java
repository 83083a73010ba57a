package io.inbox.model;

/** Ways to get {@link RelayModel} wrong, and what each breaks. */
enum RelayMutant {
  /** A slot that is taken keeps its epoch: a lease without a fence. */
  TAKES_UNDER_OLD_EPOCH(RelayInvariant.EPOCH),
  /** A slot that looked free is taken without looking again under its lock. */
  TAKES_WITHOUT_LOOKING(RelayInvariant.EPOCH),
  /** Rows are deleted and moved without asking whose the slot is. */
  DELETES_UNFENCED(RelayInvariant.OWNER),
  /**
   * The same, seen from the order: a relay that was paused moves a row away under its successor.
   */
  PARKS_UNFENCED(RelayInvariant.ORDER),
  /** A reading does not ask whose the slot is, so it sees the gap of a row that was moved away. */
  READS_UNFENCED(RelayInvariant.ORDER),
  /** What follows a failed message of its key is published all the same. */
  LANE_GOES_ON(RelayInvariant.ORDER),
  /** After a commit in doubt the relay trusts what it remembers of the keys that wait. */
  DOUBT_KEEPS_LANES(RelayInvariant.ORDER),
  /** What was read is not read again: a cursor. */
  CURSOR(RelayInvariant.SKIPPED),
  /** The bound moves to the newest row without waiting for those who drew ids before it. */
  SETTLES_AT_ONCE(RelayInvariant.SKIPPED),
  /** Rows are deleted before they are published. */
  DELETES_FIRST(RelayInvariant.LOST),
  /** A failed message is dropped. */
  DROPS_FAILED(RelayInvariant.LOST),
  /** A lease never ends. */
  LEASE_FOR_EVER(RelayInvariant.UNPUBLISHED);

  final RelayInvariant breaks;

  RelayMutant(RelayInvariant breaks) {
    this.breaks = breaks;
  }
}
