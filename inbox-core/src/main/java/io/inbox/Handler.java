package io.inbox;

/**
 * Turns one first delivery into business writes. Must be safe for use by several threads, each with
 * a transaction of its own.
 */
@FunctionalInterface
public interface Handler {
  /**
   * Handles the message in the transaction that also holds its key.
   *
   * <p>May run more than once for one message (after a rollback, a deadlock, or a lost connection),
   * so effects outside {@code tx} happen at least once. Runs on the thread that called {@code
   * process}, unless calls share transactions ({@link Inbox.Builder#groupCommit}).
   *
   * @param tx the transaction; valid until this method returns, and on this thread only
   * @throws Exception to roll everything back, the key included; an {@code Error} rolls back too
   *     and is rethrown to the caller of {@code process}
   */
  void handle(Transaction tx) throws Exception;
}
