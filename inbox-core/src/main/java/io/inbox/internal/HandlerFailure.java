package io.inbox.internal;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Carries what a handler threw out of the transaction, so that it cannot be mistaken for an error
 * of the library's own statements.
 */
final class HandlerFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final Throwable thrown;
  private final @Nullable SQLException firstError;

  HandlerFailure(Throwable thrown, @Nullable SQLException firstError) {
    super(null, thrown, false, false);
    this.thrown = thrown;
    this.firstError = firstError;
  }

  Throwable thrown() {
    return thrown;
  }

  /**
   * Returns what decides whether to run again: the statement that failed first, even where the
   * handler threw something else because of it.
   */
  Throwable root() {
    return firstError == null ? thrown : firstError;
  }
}
