package io.inbox.spi;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jooq.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * One database transaction from begin to completion. Used by the thread that runs it only. {@link
 * CallbackUnitOfWork} is the base to build one on.
 */
public interface UnitOfWork {
  /**
   * Returns the transaction's own connection, for the library's statements; handlers get a guarded
   * one.
   */
  Connection connection();

  /**
   * Returns the same object for every handle on the same transaction, and another one for another
   * transaction.
   */
  Object identity();

  /**
   * Returns the jOOQ configuration the transaction runs with, where there is one: its dialect and
   * settings are used for the handler's context.
   */
  Optional<Configuration> jooq();

  /**
   * Adds a callback before the commit. What it throws rolls the transaction back. A flush may add
   * further callbacks.
   *
   * @throws io.inbox.error.UsageException if that step of the commit is over, so that the callback
   *     would never run
   */
  void beforeCommit(CommitStep step, Callback callback);

  /**
   * Hands over a write that nothing of this transaction may follow: it runs when all flushes have
   * run, before the guard, or, in a unit that can, behind the guard in one round trip with the
   * COMMIT. Called by a flush. Of two such writes the earlier one is run at once, and blocks.
   *
   * @throws SQLException from running the earlier one
   * @throws io.inbox.error.UsageException if the flushes are over
   */
  void writeLast(LastWrite write) throws SQLException;

  /** Adds a callback after the end. What it throws is logged and changes nothing. */
  void afterCompletion(Consumer<Completion> callback);

  /** Makes sure that the transaction can only roll back. */
  void setRollbackOnly();

  /** Returns the object bound to the transaction under a key, made at the first call. */
  <T> T resource(Class<T> key, Supplier<T> create);

  /**
   * Adds something that is kept in memory and must follow the transaction's savepoints: it is told
   * when one of them is set, and when the transaction goes back to it.
   */
  void revertible(Revertible state);

  /** State in memory that a savepoint covers. */
  interface Revertible {
    /** Returns where it stands. */
    int mark();

    /** Goes back to where it stood. */
    void revertTo(int mark);
  }

  /** Something to do before the commit. */
  @FunctionalInterface
  interface Callback {
    /** Runs on the transaction's thread. */
    void run() throws SQLException;
  }

  /** The last write of a transaction. Called once, on the transaction's thread. */
  interface LastWrite {
    /** Writes in the transaction of the connection, and blocks until the server has answered. */
    void write(Connection connection) throws SQLException;

    /**
     * Returns whether {@link #writeAndCommit} may be called in place of {@link #write}. Does not
     * ask the database.
     */
    boolean commits();

    /**
     * Writes and commits in one round trip, in a transaction of which it is known that it can
     * commit. If the write fails nothing is committed, and the transaction is left to be rolled
     * back; what an error means is what it means for a COMMIT.
     *
     * @return what the server remarked, null if nothing
     * @throws SQLException from the write or from the COMMIT
     */
    @Nullable SQLWarning writeAndCommit(Connection connection) throws SQLException;
  }

  /** The order in which before-commit callbacks run. */
  enum CommitStep {
    /** Writes that were buffered until the business locks are held. */
    FLUSH,

    /** Checks that must see everything written; nothing may be written after them. */
    GUARD
  }

  /** How a unit of work ended. */
  enum Completion {
    /** The commit returned normally. */
    COMMITTED,

    /** Nothing of it is in the database. */
    ROLLED_BACK,

    /** The connection was lost while committing; only claiming the key again can tell. */
    UNKNOWN
  }
}
