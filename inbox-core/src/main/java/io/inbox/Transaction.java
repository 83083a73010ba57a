package io.inbox;

import io.inbox.outbox.OutboxAppender;
import java.sql.Connection;
import org.jooq.DSLContext;

/**
 * The transaction a handler writes in: what it writes here commits together with the key, or not at
 * all. Valid while the handler runs, on the handler's thread.
 */
public interface Transaction {
  /**
   * Returns the connection of the transaction.
   *
   * <p>It refuses commit, rollback, close, autocommit and transaction control as SQL text;
   * savepoints are allowed. A statement that fails dooms the transaction even when the handler
   * swallows the exception, unless it is undone by rolling back to a savepoint set before it. What
   * is done through {@code unwrap} is neither refused nor watched.
   */
  Connection connection();

  /**
   * Returns a jOOQ context on {@link #connection()}; its {@code transaction} methods become
   * savepoints. Created on first use.
   */
  DSLContext dsl();

  /**
   * Returns the outbox: what is appended here is published if this transaction commits, and not at
   * all if it rolls back. Created on first use.
   */
  OutboxAppender outbox();

  /**
   * Runs an action after the commit, on this thread, before {@code process} returns; not at all
   * when the transaction rolls back or its commit is in doubt. What it throws is logged and changes
   * nothing. It may be lost when the process dies, so nothing that must happen belongs here.
   */
  void afterCommit(Runnable action);
}
