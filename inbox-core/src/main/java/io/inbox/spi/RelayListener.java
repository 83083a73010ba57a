package io.inbox.spi;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import java.time.Duration;
import java.util.Set;

/**
 * Sees what a relay does: metrics hang on it. Called on the relay's threads; must be fast and
 * thread-safe. What it throws is logged and changes nothing, and an interrupt that it leaves is
 * dropped. Each method does nothing unless overridden.
 */
public interface RelayListener {
  /**
   * Called when messages were published and deleted.
   *
   * @param messages how many
   * @param oldest how long the first of them had waited, by this machine's clock
   */
  default void published(int messages, Duration oldest) {}

  /**
   * Called when a message could not be sent and its key waits.
   *
   * @param attempts how often it was tried
   */
  default void failed(OutboxMessage message, PublishResult result, int attempts) {}

  /** Called when a message was given up. */
  default void deadLettered(OutboxMessage message, PublishResult result, int attempts) {}

  /** Called when a topic is not tried for a while, and when it is again. */
  default void circuit(String topic, boolean open) {}

  /** Called when the slots that the relay owns have changed. */
  default void slots(Set<Integer> owned) {}
}
