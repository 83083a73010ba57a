package io.inbox.command.letters;

import org.jspecify.annotations.Nullable;

/** What ends dead letters, each in a transaction of its own. */
public interface Deed extends AutoCloseable {
  /**
   * Ends a letter.
   *
   * @throws io.inbox.error.InboxException if it could not be ended; it is as it was
   */
  Result on(Letter letter);

  @Override
  void close();

  /**
   * What became of a letter.
   *
   * @param outcome one word
   * @param done whether the letter has ended
   * @param detail what else there is to say, or null
   */
  record Result(String outcome, boolean done, @Nullable String detail) {}
}
