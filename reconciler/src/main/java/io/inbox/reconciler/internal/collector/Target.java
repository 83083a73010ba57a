package io.inbox.reconciler.internal.collector;

import java.util.Locale;

/** A table the collector works on, in the order of its passes. */
public enum Target {
  /** Handled keys, with their results and the copies of what they appended. */
  MESSAGE,

  /** Counts of failures, of keys that are gone. */
  ATTEMPT,

  /** Dead letters of the inbox that are settled. */
  DEAD_LETTER,

  /** Dead letters of the outbox that are settled. */
  OUTBOX_DEAD_LETTER,

  /** Findings that are resolved, but for those that were accepted. */
  FINDING;

  /** Returns the table's name without schema and prefix. */
  String table() {
    return name().toLowerCase(Locale.ROOT);
  }
}
