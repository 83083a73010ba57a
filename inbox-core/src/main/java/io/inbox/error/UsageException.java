package io.inbox.error;

import org.jspecify.annotations.Nullable;

/**
 * The calling code breaks the contract of the method it called: fix the code. Anything done in the
 * transaction is rolled back.
 */
public final class UsageException extends InboxException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   */
  public UsageException(String code, String message) {
    this(code, message, null);
  }

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   * @param cause what led here, or null
   */
  public UsageException(String code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
