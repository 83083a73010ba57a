package io.inbox.spi;

import io.inbox.Buckets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every claim of one consumer.
 *
 * @param consumer the consumer's name
 * @param window how long a key is remembered
 * @param maxAhead how far in the future a message time may lie
 * @param maxWait how long a claim waits for a concurrent transaction on the same key; whole
 *     milliseconds
 * @param buckets how its keys are kept in buckets, null if they are not
 */
public record ClaimPolicy(
    String consumer,
    Duration window,
    Duration maxAhead,
    Duration maxWait,
    @Nullable Buckets buckets) {
  /** Creates the policy of a consumer without buckets. */
  public ClaimPolicy(String consumer, Duration window, Duration maxAhead, Duration maxWait) {
    this(consumer, window, maxAhead, maxWait, null);
  }

  /** Returns the same policy with another bound on the wait. */
  public ClaimPolicy maxWait(Duration other) {
    return new ClaimPolicy(consumer, window, maxAhead, other, buckets);
  }
}
