package io.inbox.error;

import org.jspecify.annotations.Nullable;

/**
 * An option, the driver or a database setting breaks a promise: fix the configuration named in the
 * message. Thrown before any message is taken.
 */
public final class ConfigurationException extends InboxException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   */
  public ConfigurationException(String code, String message) {
    this(code, message, null);
  }

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   * @param cause what led here, or null
   */
  public ConfigurationException(String code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
