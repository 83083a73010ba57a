package io.inbox.internal;

import io.inbox.Message;
import io.inbox.MessageKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** While a delivery is handled: the thread is marked, key and correlation id stand in the MDC. */
final class DeliveryScope implements AutoCloseable {
  private static final String KEY = "inbox.key";
  private static final String CORRELATION = "inbox.correlationId";

  private final @Nullable String outerKey;
  private final @Nullable String outerCorrelation;

  private DeliveryScope(@Nullable String outerKey, @Nullable String outerCorrelation) {
    this.outerKey = outerKey;
    this.outerCorrelation = outerCorrelation;
  }

  /**
   * Enters; closing puts back what stood in the MDC before.
   *
   * @throws io.inbox.error.UsageException if the thread is in a handler already
   */
  static DeliveryScope enter(MessageKey key, Message message) {
    Nesting.enter(key);
    try {
      DeliveryScope scope = new DeliveryScope(MDC.get(KEY), MDC.get(CORRELATION));
      put(KEY, key.toString());
      put(CORRELATION, message.correlationId().orElse(null));
      return scope;
    } catch (Throwable e) {
      Nesting.exit();
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      put(KEY, outerKey);
      put(CORRELATION, outerCorrelation);
    } finally {
      Nesting.exit();
    }
  }

  private static void put(String name, @Nullable String value) {
    if (value == null) {
      MDC.remove(name);
    } else {
      MDC.put(name, value);
    }
  }
}
