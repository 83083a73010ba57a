package io.inbox.torture.plan;

/** What is to become of a message. */
public enum Kind {
  /** It is handled, once. */
  NORMAL,

  /** Its handler always throws: it becomes a dead letter. */
  POISON,

  /** It comes from before the dedupe window: it becomes a dead letter. */
  OLD
}
