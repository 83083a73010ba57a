package io.inbox.model;

/** What must hold in every state of {@link ClaimModel}. */
enum ClaimInvariant {
  /** The key is remembered as handled if and only if its effect is there. */
  TORN,
  /** The effect is there once at most. */
  TWICE,
  /** What was acknowledged is handled, or given up for good. */
  ACKNOWLEDGED,
  /** A key is handled or dead-lettered, never both, and dead-lettered once. */
  BOTH,
  /** While a handling that can commit is under way, no other one is. */
  ALONE,
  /** Where nothing more can happen, everything is acknowledged and nothing is locked. */
  STUCK,
  /** No interleaving goes on for ever. */
  ENDLESS
}
