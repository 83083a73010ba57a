package io.inbox.error;

import org.jspecify.annotations.Nullable;

/**
 * The connection was lost while committing, so nobody knows yet whether the commit happened: never
 * acknowledge on it; claiming the key again tells.
 */
public final class CommitInDoubtException extends InboxException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   */
  public CommitInDoubtException(String code, String message) {
    this(code, message, null);
  }

  /**
   * Creates the exception.
   *
   * @param code the stable code
   * @param message what happened, where, and the remedy
   * @param cause what led here, or null
   */
  public CommitInDoubtException(String code, String message, @Nullable Throwable cause) {
    super(code, message, cause);
  }
}
