package io.inbox.spi;

import io.inbox.Message;
import io.inbox.Outcome;

/**
 * One decided delivery.
 *
 * @param message the message
 * @param outcome what happened to it
 * @param timing where the time went; in a batch, that of the whole transaction
 * @param batchSize how many messages shared the transaction; 1 outside batches
 */
public record DeliveryEvent(Message message, Outcome<?> outcome, Timing timing, int batchSize) {}
