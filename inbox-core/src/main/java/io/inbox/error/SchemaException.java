package io.inbox.error;

import org.jspecify.annotations.Nullable;

/**
 * The schema is missing, too old, too new or unknown: run the migration (or upgrade the library)
 * that the message names.
 */
public final class SchemaException extends InboxException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   */
  public SchemaException(String code, String message) {
    this(code, message, null);
  }

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   * @param cause what led here, or null
   */
  public SchemaException(String code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
