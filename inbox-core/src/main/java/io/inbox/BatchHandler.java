package io.inbox;

import java.util.List;

/**
 * Turns the first deliveries of a batch into business writes. Must be safe for use by several
 * threads.
 */
@FunctionalInterface
public interface BatchHandler {
  /**
   * Handles messages in the transaction that also holds their keys.
   *
   * <p>After a failure it runs again on sublists, down to one message, to find the one that fails;
   * all that a failed run wrote is rolled back.
   *
   * @param fresh the messages whose keys were claimed, in delivery order; never empty, unmodifiable
   * @param tx the transaction; valid until this method returns, and on this thread only
   * @throws Exception to roll everything back
   */
  void handle(List<Message> fresh, Transaction tx) throws Exception;
}
