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

  /** Returns the statement that failed first on the transaction's connection, null if none did. */
  @Nullable SQLException firstError() {
    return firstError;
  }
}
