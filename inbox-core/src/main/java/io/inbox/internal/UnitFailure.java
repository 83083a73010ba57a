package io.inbox.internal;

import io.inbox.Reason;

/**
 * A unit of work that did not commit, and whose fault that is. Carries no stack: its cause does.
 */
final class UnitFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Reason reason;
  private final Throwable culprit;
  private final boolean ofHandler;

  /**
   * Creates the failure.
   *
   * @param reason HANDLER_FAILED, DATABASE_UNAVAILABLE, CONTENTION or COMMIT_IN_DOUBT
   * @param ofHandler whether the handler threw it
   */
  UnitFailure(Reason reason, Throwable cause, boolean ofHandler) {
    super(null, cause, false, false);
    this.reason = reason;
    this.culprit = cause;
    this.ofHandler = ofHandler;
  }

  boolean ofHandler() {
    return ofHandler;
  }

  Reason reason() {
    return reason;
  }

  Throwable culprit() {
    return culprit;
  }
}
