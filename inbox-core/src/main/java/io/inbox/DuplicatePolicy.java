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
  RETURN_FIRST_RESULT,

  /**
   * What the first handling appended to the outbox is sent again, with the same message ids, for
   * senders that repeat a message because they miss the answer. The first handling stores a copy of
   * each such message, so its payload is written twice; a duplicate costs two more statements.
   */
  SEND_OUTBOX_AGAIN
}
