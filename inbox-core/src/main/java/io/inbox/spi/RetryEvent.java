package io.inbox.spi;

import io.inbox.MessageKey;
import io.inbox.Reason;

/**
 * A unit of work that is about to run again.
 *
 * @param key the key, the first one of a batch
 * @param reason {@link Reason#CONTENTION} or {@link Reason#COMMIT_IN_DOUBT}
 * @param round which run failed, from 1
 * @param cause what it failed with
 */
public record RetryEvent(MessageKey key, Reason reason, int round, Throwable cause) {}
