package io.inbox.error;

import org.jspecify.annotations.Nullable;

/**
 * The database refused a statement of Inbox for a reason that a retry will not mend; the cause
 * carries the SQLSTATE. Roll the transaction back.
 */
public final class DatabaseException extends InboxException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   */
  public DatabaseException(String code, String message) {
    this(code, message, null);
  }

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   * @param cause what led here, or null
   */
  public DatabaseException(String code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
