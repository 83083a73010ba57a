package io.inbox.internal;

import io.inbox.Handler;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Transaction;
import io.inbox.error.UsageException;
import io.inbox.internal.outbox.UnitAppender;
import io.inbox.outbox.OutboxAppender;
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
  private final Wiring wiring;
  private final @Nullable Message message;
  private final Object mark;
  private @Nullable DSLContext dsl;
  private @Nullable OutboxAppender outbox;

  private HandlerTransaction(
      UnitOfWork unit, Wiring wiring, @Nullable Message message, Object mark) {
    this.unit = unit;
    this.wiring = wiring;
    this.message = message;
    this.store = wiring.store;
    this.mark = mark;
    this.watch = new Watch(store.guard().ddlCommits());
    this.connection = new GuardedConnection(unit.connection(), watch);
  }

  /**
   * Opens the handler's view of a unit that has just claimed a key, and puts the commit guard at
   * its end.
   *
   * @param message what is being handled; null where it is more than one message
   */
  static HandlerTransaction open(UnitOfWork unit, Wiring wiring, @Nullable Message message)
      throws SQLException {
    Object mark = wiring.store.guard().mark(unit.connection());
    HandlerTransaction tx = new HandlerTransaction(unit, wiring, message, mark);
    unit.beforeCommit(CommitStep.GUARD, tx::guard);
    return tx;
  }

  /**
   * Lets the handler of one message of several write in this transaction, and checks at once what
   * would stand before a commit of its own: if it fails, it must be known whose fault that was.
   */
  void lend(Message about, MessageKey key, Handler handler) throws HandlerFailure, SQLException {
    HandlerTransaction view = new HandlerTransaction(unit, wiring, about, mark);
    DeliveryScope.Labels labels = DeliveryScope.label(key, about);
    try {
      handler.handle(view);
      view.guard();
    } catch (Throwable e) {
      throw new HandlerFailure(e, view.firstError());
    } finally {
      view.close();
      labels.close();
    }
    if (about.deliveryCount() > 1) {
      store.records().forgetAttempts(unit.connection(), key);
    }
  }

  /**
   * Forgets the attempts of a key whose handler has returned. Guards first: what the handler broke
   * must not look like the fault of this statement, which is the library's.
   */
  void forgetAttempts(UnitRunner runner, MessageKey key) throws SQLException {
    runner.at(UnitRunner.Step.COMMIT);
    guard();
    runner.at(UnitRunner.Step.CLAIM);
    store.records().forgetAttempts(unit.connection(), key);
  }

  private void guard() throws SQLException {
    CommitGuard guard = store.guard();
    refuseSwallowedError(guard.seesFailedStatements());
    verify(guard, mark);
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
    } catch (SQLException e) {
      if (watch.firstError() != null) {
        throw swallowed(watch.firstError()); // that error broke the connection, most likely
      }
      throw e;
    }
  }

  private void refuseSwallowedError(boolean databaseTells) {
    @Nullable SQLException swallowed = watch.firstError();
    if (swallowed != null && !databaseTells) {
      throw swallowed(swallowed);
    }
  }

  private static UsageException swallowed(SQLException error) {
    return new UsageException(
        "IBX-312",
        "a statement of the handler failed and the handler went on: its transaction cannot be trusted and was rolled back "
            + "(let the exception through, or undo the statement by rolling back to a savepoint)",
        error);
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
  public OutboxAppender outbox() {
    if (outbox == null) {
      watch.check();
      // Before the flush, too: a transaction that has failed would refuse it, and blame the outbox.
      unit.beforeCommit(CommitStep.FLUSH, this::guard);
      UnitAppender appender =
          UnitAppender.in(wiring.outbox, unit, message, wiring.keepsOutbox(), watch::check);
      watch.covers(appender.revertible());
      outbox = appender;
    }
    return outbox;
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
