package io.inbox.internal;

import io.inbox.Transaction;
import io.inbox.error.UsageException;
import io.inbox.spi.CommitGuard;
import io.inbox.spi.Store;
import io.inbox.spi.UnitOfWork;
import io.inbox.spi.UnitOfWork.CommitStep;
import io.inbox.spi.UnitOfWork.Completion;
import java.sql.Connection;
import java.sql.SQLException;
import org.jooq.Configuration;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultConfiguration;
import org.jspecify.annotations.Nullable;

/** The transaction as the handler sees it, and the guard that stands between it and the commit. */
final class HandlerTransaction implements Transaction {
  private final UnitOfWork unit;
  private final Store store;
  private final Watch watch;
  private final GuardedConnection connection;
  private @Nullable DSLContext dsl;

  private HandlerTransaction(UnitOfWork unit, Store store) {
    this.unit = unit;
    this.store = store;
    this.watch = new Watch(store.guard().ddlCommits());
    this.connection = new GuardedConnection(unit.connection(), watch);
  }

  /**
   * Opens the handler's view of a unit that has just claimed a key, and puts the commit guard at
   * its end.
   */
  static HandlerTransaction open(UnitOfWork unit, Store store) throws SQLException {
    HandlerTransaction tx = new HandlerTransaction(unit, store);
    CommitGuard guard = store.guard();
    Object mark = guard.mark(unit.connection());
    unit.beforeCommit(
        CommitStep.GUARD,
        () -> {
          tx.refuseSwallowedError(guard.seesFailedStatements());
          tx.verify(guard, mark);
        });
    return tx;
  }

  /** Ends the handler's use of the connection. */
  void close() {
    watch.close();
  }

  /**
   * Returns the first statement that failed, even if the handler swallowed or replaced its error.
   */
  @Nullable SQLException firstError() {
    return watch.firstError();
  }

  private void verify(CommitGuard guard, Object mark) throws SQLException {
    try {
      guard.verify(unit.connection(), mark);
    } catch (UsageException e) {
      if (watch.firstError() != null && e.getCause() == null) {
        e.initCause(watch.firstError()); // it tells whether running again can help
      }
      throw e;
    }
  }

  private void refuseSwallowedError(boolean databaseTells) {
    @Nullable SQLException swallowed = watch.firstError();
    if (swallowed != null && !databaseTells) {
      throw new UsageException(
          "IBX-312",
          "a statement of the handler failed and the handler went on: its transaction cannot be trusted and was rolled back "
              + "(let the exception through, or undo the statement by rolling back to a savepoint)",
          swallowed);
    }
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public DSLContext dsl() {
    if (dsl == null) {
      Configuration configuration =
          unit.jooq()
              .map(Configuration::derive)
              .orElseGet(() -> new DefaultConfiguration().set(store.dialect()));
      dsl = DSL.using(configuration.set(connection).set(new SavepointProvider(connection)));
    }
    return dsl;
  }

  @Override
  public void afterCommit(Runnable action) {
    watch.check();
    unit.afterCompletion(
        how -> {
          if (how == Completion.COMMITTED) {
            action.run();
          }
        });
  }
}
