package io.inbox.model;

/** Ways to get {@link ClaimModel} wrong, and what each breaks. */
enum ClaimMutant {
  /** The key is committed before the handler runs. */
  CLAIM_COMMITS_FIRST(ClaimInvariant.TORN),
  /** The handler writes on a connection of its own. */
  EFFECT_COMMITS_FIRST(ClaimInvariant.TORN),
  /** A SELECT tells who is first; no unique index does. */
  SELECT_CLAIMS(ClaimInvariant.TWICE),
  /** After a commit in doubt, a SELECT that finds nothing is taken for a rollback. */
  DOUBT_BY_SELECT(ClaimInvariant.TWICE),
  /** The same, seen from the handlers. */
  DOUBT_BY_SELECT_OVERLAPS(ClaimInvariant.ALONE),
  /** A commit in doubt is taken for a commit. */
  DOUBT_IS_COMMIT(ClaimInvariant.ACKNOWLEDGED),
  /** The broker is told before the commit. */
  ACKNOWLEDGES_FIRST(ClaimInvariant.ACKNOWLEDGED),
  /** Whoever waits too long for a key calls its message a duplicate. */
  BUSY_IS_DUPLICATE(ClaimInvariant.ACKNOWLEDGED),
  /** A transaction in which a statement failed is committed: the server rolls back and says yes. */
  NO_GUARD(ClaimInvariant.ACKNOWLEDGED),
  /** After the last attempt the message is given up without claiming its key. */
  GIVES_UP_UNCLAIMED(ClaimInvariant.BOTH),
  /** The dead letter is written, but its key is not. */
  LETTER_LEAVES_KEY(ClaimInvariant.BOTH),
  /** Whoever waits too long for a key neither acknowledges nor gives the delivery back. */
  BUSY_IS_FORGOTTEN(ClaimInvariant.STUCK),
  /** The attempt is counted in the transaction that is rolled back. */
  COUNTS_IN_VAIN(ClaimInvariant.ENDLESS);

  final ClaimInvariant breaks;

  ClaimMutant(ClaimInvariant breaks) {
    this.breaks = breaks;
  }
}
