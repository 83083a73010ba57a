package io.inbox.error;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything Inbox throws. Each subclass stands for one thing the caller can do next;
 * the message says what happened, where, and what to do, and never holds a payload or a secret.
 */
public abstract class InboxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  InboxException(String code, String message, @Nullable Throwable cause) {
    super(code + ": " + message);
    this.code = code;
    if (cause != null) {
      initCause(cause);
    }
  }

  /**
   * Returns the stable code of this error, such as {@code IBX-101}; documents and alerts may rely
   * on it.
   */
  public final String code() {
    return code;
  }
}
