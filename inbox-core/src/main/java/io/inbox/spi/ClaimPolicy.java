package io.inbox.spi;

import java.time.Duration;

/**
 * What holds for every claim of one consumer.
 *
 * @param consumer the consumer's name
 * @param window how long a key is remembered
 * @param maxAhead how far in the future a message time may lie
 * @param maxWait how long a claim waits for a concurrent transaction on the same key; whole
 *     milliseconds
 */
public record ClaimPolicy(String consumer, Duration window, Duration maxAhead, Duration maxWait) {}
