package io.inbox.internal;

import io.inbox.Message;
import io.inbox.MessageKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** While a delivery is handled: the thread is marked, key and correlation id stand in the MDC. */
final class DeliveryScope implements AutoCloseable {
  private final Labels labels;

  private DeliveryScope(Labels labels) {
    this.labels = labels;
  }

  /**
   * Enters; closing puts back what stood in the MDC before.
   *
   * @throws io.inbox.error.UsageException if the thread is in a handler already
   */
  static DeliveryScope enter(MessageKey key, Message message) {
    Nesting.enter(key);
    try {
      return new DeliveryScope(label(key, message));
    } catch (Throwable e) {
      Nesting.exit();
      throw e;
    }
  }

  /** Puts key and correlation id into the MDC. */
  static Labels label(MessageKey key, Message message) {
    return new Labels(key, message);
  }

  @Override
  public void close() {
    try {
      labels.close();
    } finally {
      Nesting.exit();
    }
  }

  /** What stands in the MDC; closing puts back what stood there before. */
  static final class Labels implements AutoCloseable {
    private static final String KEY = "inbox.key";
    private static final String CORRELATION = "inbox.correlationId";

    private final @Nullable String outerKey = MDC.get(KEY);
    private final @Nullable String outerCorrelation = MDC.get(CORRELATION);

    private Labels(MessageKey key, Message message) {
      put(KEY, key.toString());
      put(CORRELATION, message.correlationId().orElse(null));
    }

    @Override
    public void close() {
      put(KEY, outerKey);
      put(CORRELATION, outerCorrelation);
    }

    private static void put(String name, @Nullable String value) {
      if (value == null) {
        MDC.remove(name);
      } else {
        MDC.put(name, value);
      }
    }
  }
}
