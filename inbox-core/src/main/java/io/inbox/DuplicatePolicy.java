package io.inbox;

/** What a duplicate gets. */
public enum DuplicatePolicy {
  /** Nothing: the outcome says that it is a duplicate. The default; costs no extra statement. */
  SKIP,

  /**
   * The stored result of the first handling, its signature verified, where a {@link TypedInbox}
   * that is {@link TypedInbox#returning} asks for it and one was stored. Costs a duplicate one more
   * SELECT.
   */
  RETURN_FIRST_RESULT
}
