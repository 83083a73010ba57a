package io.inbox.error;

import org.jspecify.annotations.Nullable;

/**
 * Nothing is wrong with the message, but it cannot be decided now: roll the transaction back, do
 * not acknowledge, deliver again later.
 */
public final class RetryLaterException extends InboxException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   */
  public RetryLaterException(String code, String message) {
    this(code, message, null);
  }

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   * @param cause what led here, or null
   */
  public RetryLaterException(String code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
