package io.inbox.spi;

import java.util.Optional;
import javax.sql.DataSource;

/**
 * Runs work in a new database transaction: the one seam under all three ways into the inbox.
 * Implementations exist for a {@code DataSource} and for jOOQ; one for a container's transaction
 * manager fits as well. Thread-safe.
 */
public interface Transactions {
  /**
   * Begins a transaction, runs the work, runs its before-commit callbacks in the order of {@link
   * UnitOfWork.CommitStep}, commits, then runs its after-completion callbacks.
   *
   * <p>When the work or a callback throws, rolls back and rethrows the same exception. When {@link
   * UnitOfWork#setRollbackOnly()} was called, rolls back and returns the work's value. The
   * isolation level is the connection's own; READ COMMITTED is recommended.
   *
   * @return what the work returned
   * @throws io.inbox.error.CommitInDoubtException when the connection was lost while committing, or
   *     the server confirmed the commit with a warning
   * @throws java.sql.SQLException when no connection could be had, or the commit was refused and
   *     therefore rolled back
   * @throws Exception what the work threw
   */
  <T> T inTransaction(Work<T> work) throws Exception;

  /**
   * Returns the connections on which a statement may be a transaction of its own, where nobody else
   * has a say in how transactions begin and end. Default: empty.
   */
  default Optional<DataSource> connections() {
    return Optional.empty();
  }

  /**
   * What runs in the transaction.
   *
   * @param <T> what it returns
   */
  @FunctionalInterface
  interface Work<T> {
    /** Runs on the calling thread; the unit is valid until it returns. */
    T run(UnitOfWork unit) throws Exception;
  }
}
