package io.inbox.outbox;

import java.util.List;

/**
 * Sends messages to where they go: a broker, another service, another module. A {@link Relay} calls
 * it, from one thread for each of its workers, never inside a database transaction.
 *
 * <p>The contract:
 *
 * <ul>
 *   <li>One result comes back for each message, in the same order. {@link PublishResult#sent} may
 *       only be returned once the receiver has confirmed that it keeps the message: the row is
 *       deleted next.
 *   <li>It may be called again with the same message: after a crash, a lost confirmation, or a
 *       failure. The message's {@link OutboxMessage#id() id} is the same each time and must reach
 *       the receiver, in the header {@link OutboxMessage#ID_HEADER} where there are headers.
 *   <li>Messages of one topic and key stand in the list in their order and must arrive in it. When
 *       one fails, no later one of the same topic and key may arrive: answer those with {@link
 *       PublishResult#skipped}.
 *   <li>It returns within a bounded time and holds no message back for later. The relay keeps its
 *       slots meanwhile, also beyond its lease: nobody else publishes what waits behind it. A relay
 *       that is closed interrupts it after {@link Relay.Builder#closeWait}; one that writes to an
 *       H2 file must return before, for H2 closes the file when it is interrupted.
 *   <li>What it throws counts as trouble with the destination: nothing of the batch is counted as
 *       sent, and all of it comes again, message by message.
 * </ul>
 */
public interface Publisher extends AutoCloseable {
  /**
   * Sends a batch and waits for the receiver's answers.
   *
   * @param batch at least one message, of any topics
   * @return one result for each message, in the same order
   * @throws Exception if nothing can be said about single messages
   */
  List<PublishResult> publish(List<OutboxMessage> batch) throws Exception;

  /** Frees what the publisher holds. Called by whoever made it, not by the relay. */
  @Override
  void close();
}
