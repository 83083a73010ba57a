package io.inbox.error;

import org.jspecify.annotations.Nullable;

/**
 * What the database holds contradicts what Inbox wrote: somebody changed a row, or the row security
 * hides it. Nothing was handled.
 */
public final class IntegrityException extends InboxException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   */
  public IntegrityException(String code, String message) {
    this(code, message, null);
  }

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   * @param cause what led here, or null
   */
  public IntegrityException(String code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
