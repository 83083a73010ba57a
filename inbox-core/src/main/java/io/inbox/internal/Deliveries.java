package io.inbox.internal;

import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.spi.DeliveryEvent;
import io.inbox.spi.DeliveryEvent.Timing;
import io.inbox.spi.InboxListener;
import io.inbox.spi.RetryEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells logs and listeners what happened to deliveries. Key and correlation id stand in the MDC
 * while a delivery is handled; payloads are never logged.
 */
final class Deliveries {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.Inbox");

  private Deliveries() {}

  /** Logs an outcome and hands it to the listeners. */
  static void delivered(
      Wiring wiring, Message message, Outcome<?> outcome, Timing timing, int batchSize) {
    try {
      log(outcome);
    } catch (RuntimeException e) {
      LOG.error("An outcome of {} could not be logged; it stands", outcome.key());
    }
    if (wiring.listeners.isEmpty()) {
      return;
    }
    DeliveryEvent event = new DeliveryEvent(message, outcome, timing, batchSize);
    for (InboxListener listener : wiring.listeners) {
      try {
        listener.delivered(event);
      } catch (RuntimeException e) {
        LOG.error("A listener failed; the outcome of {} stands", outcome.key(), e);
      }
    }
  }

  /** Logs a unit of work that runs again and hands it to the listeners. */
  static void retried(Wiring wiring, MessageKey key, Reason reason, int round, Throwable cause) {
    LOG.debug(
        "Run {} of {} was rolled back ({}), running again: {}",
        round,
        key,
        reason,
        cause.toString());
    RetryEvent event = new RetryEvent(key, reason, round, cause);
    for (InboxListener listener : wiring.listeners) {
      try {
        listener.retried(event);
      } catch (RuntimeException e) {
        LOG.error("A listener failed; {} runs again all the same", key, e);
      }
    }
  }

  /** Logs that a duplicate gets no result although one is stored. */
  static void undecodable(MessageKey key, Exception cause) {
    LOG.error(
        "The stored result of {} cannot be decoded, so its duplicate gets none (has the codec changed?)",
        key,
        cause);
  }

  private static void log(Outcome<?> outcome) {
    if (outcome instanceof Outcome.Processed || outcome instanceof Outcome.Duplicate) {
      if (LOG.isDebugEnabled()) {
        LOG.debug(
            "{} {}",
            outcome.key(),
            outcome instanceof Outcome.Processed ? "processed" : "is a duplicate");
      }
    } else if (outcome instanceof Outcome.Failed<?> failed) {
      LOG.warn(
          "{} failed ({}, attempt {}), to be delivered again in {}",
          failed.key(),
          failed.reason(),
          failed.attempt(),
          failed.retryAfter(),
          failed.cause());
    } else if (outcome instanceof Outcome.InFlight<?> busy) {
      LOG.info(
          "{} is in flight ({}), to be delivered again in {}",
          busy.key(),
          busy.reason(),
          busy.retryAfter());
    } else if (outcome instanceof Outcome.Mismatch<?> mismatch) {
      LOG.warn(
          "{} came with another fingerprint than the one handled; this copy is dead letter {}",
          mismatch.key(),
          mismatch.deadLetterId());
    } else if (outcome instanceof Outcome.OutsideWindow<?> behind
        && behind.reason().equals(Reason.BEHIND_WATERMARK)) {
      LOG.debug("{} lies at or behind the watermark, it was handled before", behind.key());
    } else if (outcome instanceof Outcome.OutsideWindow<?> outside) {
      LOG.warn(
          "{} lies outside the dedupe window ({}); it is dead letter {}",
          outside.key(),
          outside.reason(),
          outside.deadLetterId());
    } else if (outcome instanceof Outcome.DeadLettered<?> dead
        && !dead.reason().equals(Reason.SAME_KEY)) {
      LOG.error(
          "{} was given up ({}); it waits in the dead letters",
          dead.key(),
          dead.reason(),
          dead.cause());
    } else {
      LOG.debug("{} was given up before", outcome.key());
    }
  }
}
