package io.inbox.spi;

/**
 * Sees what happens to every delivery: metrics and tracing hang on it. Called on the thread that
 * handles the delivery, after its transaction ended; must be fast and thread-safe. What it throws
 * is logged and changes nothing.
 */
public interface InboxListener {
  /**
   * Called once for every delivery that {@code process}, {@code processBatch} or a replay decided,
   * whatever its outcome.
   */
  void delivered(DeliveryEvent event);

  /**
   * Called when a unit of work runs again at once, after a deadlock, a serialization failure or a
   * commit in doubt. Does nothing unless overridden.
   */
  default void retried(RetryEvent event) {}
}
