package io.inbox.spi;

/** The order in which before-commit callbacks run. */
public enum CommitStep {
  /** Writes that were buffered until the business locks are held. */
  FLUSH,

  /** Checks that must see everything written; nothing may be written after them. */
  GUARD
}
