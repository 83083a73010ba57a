package io.inbox.internal;

import io.inbox.MessageKey;
import io.inbox.error.UsageException;
import org.jspecify.annotations.Nullable;

/**
 * Knows which key this thread is handling. A second {@code process} inside a handler would take a
 * second connection while it holds one (a pool of as many connections as threads then deadlocks),
 * and for the same key it would wait for itself.
 */
final class Nesting {
  private static final ThreadLocal<@Nullable MessageKey> CURRENT = new ThreadLocal<>();

  private Nesting() {}

  static void enter(MessageKey key) {
    refuse(key.toString());
    CURRENT.set(key);
  }

  /** Throws if this thread is in a handler. */
  static void refuse(String called) {
    @Nullable MessageKey outer = CURRENT.get();
    if (outer != null) {
      throw new UsageException(
          "IBX-313",
          "the handler of "
              + outer
              + " called the inbox for "
              + called
              + ": it would need a second connection (to handle both in one transaction use claim(tx.connection(), message); else call after the handler returned)");
    }
  }

  static void exit() {
    CURRENT.remove();
  }
}
