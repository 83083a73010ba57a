package io.inbox.spi;

import io.inbox.Message;
import io.inbox.Outcome;
import java.time.Duration;

/**
 * One decided delivery.
 *
 * @param message the message
 * @param outcome what happened to it
 * @param timing where the time went; in a batch, that of the whole transaction
 * @param batchSize how many messages shared the transaction; 1 outside batches
 */
public record DeliveryEvent(Message message, Outcome<?> outcome, Timing timing, int batchSize) {
  /**
   * Where the time of a delivery went, by the monotonic clock of the process. Only the last run of
   * the unit of work is split up; the total covers them all.
   *
   * @param connect until the transaction began: mostly waiting for a connection
   * @param claim until the claim was answered, the wait for a concurrent transaction included
   * @param handle in the handler
   * @param commit from the handler's return until the transaction ended, result and guard included
   * @param total everything
   */
  public record Timing(
      Duration connect, Duration claim, Duration handle, Duration commit, Duration total) {}
}
