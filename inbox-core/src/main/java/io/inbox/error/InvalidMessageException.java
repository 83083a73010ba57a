package io.inbox.error;

import org.jspecify.annotations.Nullable;

/**
 * The message itself cannot be used: fix the producer or the code that builds the {@code Message}.
 * Thrown before anything is written.
 */
public final class InvalidMessageException extends InboxException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   */
  public InvalidMessageException(String code, String message) {
    this(code, message, null);
  }

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   * @param cause what led here, or null
   */
  public InvalidMessageException(String code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
