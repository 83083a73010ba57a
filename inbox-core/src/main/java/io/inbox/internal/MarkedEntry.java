package io.inbox.internal;

import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.WatermarkKey;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One message at a position and what became of it. */
final class MarkedEntry {
  final long position;
  final ClaimRequest request;
  @Nullable Outcome<Void> outcome;

  MarkedEntry(long position, ClaimRequest request) {
    this.position = position;
    this.request = request;
  }

  /**
   * Returns the key to count its attempts under: what comes again at another position is another
   * message, though it may have the same id.
   */
  MessageKey attempts(WatermarkKey key) {
    return new MessageKey(
        key.tenant(), key.consumer(), key.stream(), key.partition() + "@" + position);
  }

  Outcome<Void> outcome() {
    return Objects.requireNonNull(outcome, "every delivery gets an outcome");
  }

  void processed() {
    outcome = new Outcome.Processed<>(request.key(), null);
  }

  void behindWatermark() {
    outcome = new Outcome.OutsideWindow<>(request.key(), Reason.BEHIND_WATERMARK, 0);
  }

  void notDecided(Reason reason, Duration retryAfter) {
    outcome = new Outcome.InFlight<>(request.key(), reason, retryAfter);
  }
}
