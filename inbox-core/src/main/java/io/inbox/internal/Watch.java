package io.inbox.internal;

import io.inbox.error.UsageException;
import io.inbox.spi.UnitOfWork.Revertible;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the handler did with its connection: whether it may still use it, and the first statement
 * that failed and was not undone. Shared by the guarded connection and its statements.
 */
final class Watch {
  private final Thread owner = Thread.currentThread();
  private final boolean ddlCommits;
  private boolean open = true;
  private @Nullable SQLException firstError;
  private int clock;
  private int errorAt;
  private @Nullable IdentityHashMap<Savepoint, Integer> savepoints;
  private @Nullable IdentityHashMap<Savepoint, Integer> marks;
  private @Nullable Revertible appended;

  Watch(boolean ddlCommits) {
    this.ddlCommits = ddlCommits;
  }

  /** Throws unless the handler that owns the connection is running, and on this thread. */
  void check() {
    if (!open) {
      throw new UsageException(
          "IBX-310",
          "the handler's connection is used after the handler returned (finish all work in the handler, do not keep the connection)");
    }
    if (Thread.currentThread() != owner) {
      throw new UsageException(
          "IBX-310",
          "the handler's connection is used by another thread, "
              + Thread.currentThread().getName()
              + " (a transaction belongs to one thread)");
    }
  }

  void check(String sql) {
    check();
    TransactionControl.refuse(sql, ddlCommits);
  }

  void close() {
    open = false;
  }

  /** Runs a statement; an error it throws is kept, because a handler may swallow it. */
  <T> T run(Call<T> call) throws SQLException {
    check();
    try {
      return call.run();
    } catch (SQLException e) {
      if (firstError == null) {
        firstError = e;
        errorAt = ++clock;
      }
      throw e;
    }
  }

  Savepoint set(Savepoint savepoint) {
    if (savepoints == null) {
      savepoints = new IdentityHashMap<>(4);
      marks = new IdentityHashMap<>(4);
    }
    savepoints.put(savepoint, ++clock);
    if (appended != null && marks != null) {
      marks.put(savepoint, appended.mark());
    }
    return savepoint;
  }

  /** The handler rolled back to a savepoint: an error after it is undone. */
  void rolledBackTo(Savepoint savepoint) {
    @Nullable Integer setAt = savepoints == null ? null : savepoints.get(savepoint);
    if (setAt != null && setAt < errorAt) {
      firstError = null;
    }
    if (appended != null && marks != null) {
      appended.revertTo(marks.getOrDefault(savepoint, 0));
    }
  }

  /** From here on, what the handler appends follows its savepoints. */
  void covers(Revertible state) {
    appended = state;
  }

  @Nullable SQLException firstError() {
    return firstError;
  }

  /** A statement. */
  @FunctionalInterface
  interface Call<T> {
    T run() throws SQLException;
  }
}
