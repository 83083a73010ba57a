package io.inbox.reconciler.internal.repair;

/** What a fix says about one item. */
sealed interface Verdict {
  /** It is, or would be, repaired; with what stood there and what stands there then. */
  record Ready(String before, String after) implements Verdict {}

  /** There is nothing to repair. */
  record Skip(String why) implements Verdict {}

  /** It could do harm, or is none for this. */
  record Refuse(String why) implements Verdict {}
}
