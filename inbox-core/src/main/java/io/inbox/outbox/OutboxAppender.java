package io.inbox.outbox;

import io.inbox.Message;
import java.util.UUID;

/** Appends messages to the outbox in one running transaction. Used by its thread only. */
public interface OutboxAppender {
  /**
   * Appends a message, to be published after the commit of the transaction and not at all if it
   * rolls back.
   *
   * <p>What the message leaves open comes from the message being handled, where there is one:
   * tenant, correlation id, causation id, and the headers {@code traceparent}, {@code tracestate}
   * and {@code baggage} (W3C Trace Context, W3C Baggage). In a unit of work the message is kept in
   * memory and written as the last thing before the commit; on a bare connection it is written at
   * once. Undone by rolling back to a savepoint that was set before on the connection of the
   * transaction or handler, or by the rollback of a nested jOOQ transaction.
   *
   * @return the id of the message
   * @throws io.inbox.error.InvalidMessageException if the message breaks a limit of the outbox, or
   *     has no key where keys are required
   * @throws io.inbox.error.UsageException if there are too many messages in this transaction, or
   *     the transaction has ended, or it is none
   * @throws io.inbox.error.InboxException if a bare connection cannot write: roll back
   */
  UUID append(OutboxMessage message);

  /**
   * Appends a message that was caused by another one, as {@link #append(OutboxMessage)} does; for
   * batches, where more than one message is being handled.
   */
  UUID append(OutboxMessage message, Message cause);
}
