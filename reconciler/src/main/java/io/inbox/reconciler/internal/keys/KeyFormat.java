package io.inbox.reconciler.internal.keys;

/** How keys are written. */
public enum KeyFormat {
  /** A key on each line, and nothing else. */
  LINES,

  /** A header, then rows, as RFC 4180 has them. */
  CSV,

  /** A header, then rows, their fields parted by tabs and never quoted. */
  TSV
}
