package io.inbox.command.deed;

import org.jspecify.annotations.Nullable;

/** What ends things, each in a transaction of its own. */
public interface Deed extends AutoCloseable {
  /**
   * Ends a thing.
   *
   * @throws io.inbox.error.InboxException if it could not be ended; it is as it was
   */
  Result on(Item item);

  @Override
  default void close() {
    // Most deeds hold nothing.
  }

  /**
   * What became of a thing.
   *
   * @param outcome one word
   * @param done whether it has ended
   * @param detail what else there is to say, or null
   */
  record Result(String outcome, boolean done, @Nullable String detail) {
    /** Returns the result of something that has ended. */
    public static Result of(String outcome) {
      return new Result(outcome, true, null);
    }
  }
}
