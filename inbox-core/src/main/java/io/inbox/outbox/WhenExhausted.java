package io.inbox.outbox;

/** What becomes of a message that failed as often as it may, or that can never be sent. */
public enum WhenExhausted {
  /** It becomes a dead letter, and the messages behind it go on. The default. */
  DEAD_LETTER,

  /**
   * It is tried for ever, at the longest backoff, and its key waits: where a gap is worse than a
   * halt. Other keys go on.
   */
  KEEP_BLOCKING
}
