package io.inbox.torture.soak;

/**
 * Something that does not hold.
 *
 * @param what the figures that show it
 */
record Violation(Name name, String what) {
  /** What it is about. */
  enum Name {
    /** Used heap, after a collection, has grown. */
    HEAP,

    /** There are more threads. */
    THREADS,

    /** There are more sessions, or more connections in use while nobody works. */
    CONNECTIONS,

    /** A session has more prepared statements. */
    STATEMENTS,

    /** A table has more rows. */
    ROWS,

    /** A table has more dead rows, long after the snapshot was gone. */
    DEAD_ROWS,

    /** A table takes more room than it took because of the snapshot. */
    BYTES,

    /** The outbox is not empty at the end, or fuller than before. */
    BACKLOG,

    /** A message has not exactly one effect. */
    EFFECTS,

    /** What was appended and what was published differ. */
    PUBLISHED,

    /** Messages that cannot be handled, and dead letters, differ. */
    DEAD_LETTERS,

    /** The reconciler found something, or did not find the held transaction. */
    FINDINGS,

    /** A delivery ended as none should. */
    OUTCOMES
  }
}
