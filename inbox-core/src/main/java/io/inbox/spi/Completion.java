package io.inbox.spi;

/** How a unit of work ended. */
public enum Completion {
  /** The commit returned normally. */
  COMMITTED,

  /** Nothing of it is in the database. */
  ROLLED_BACK,

  /** The connection was lost while committing; only claiming the key again can tell. */
  UNKNOWN
}
