package io.inbox.jdbc;

import io.inbox.spi.CallbackUnitOfWork;
import io.inbox.spi.SqlError;
import io.inbox.spi.UnitOfWork.Completion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import org.jooq.Configuration;
import org.jooq.TransactionContext;
import org.jooq.TransactionProvider;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/**
 * Ties a unit of work to every outermost transaction that begins on a context; nested ones belong
 * to it.
 *
 * <p>It stands before jOOQ's own provider and is no {@code TransactionListener}: a listener is told
 * that a commit ended even when it failed.
 */
final class JoinedUnits implements TransactionProvider {
  private static final String KEY = "io.inbox.unit";

  private final TransactionProvider provider;

  JoinedUnits(TransactionProvider provider) {
    this.provider = provider;
  }

  static Optional<CallbackUnitOfWork> of(Configuration configuration) {
    return Optional.ofNullable((Joined) configuration.data(KEY));
  }

  @Override
  public void begin(TransactionContext context) {
    provider.begin(context);
    @Nullable Joined outer = (Joined) context.configuration().data(KEY);
    if (outer == null) {
      context.configuration().data(KEY, new Joined(context.configuration()));
    } else {
      outer.savepoints.push(outer.marks());
    }
  }

  @Override
  public void commit(TransactionContext context) {
    Joined unit = unit(context);
    if (!unit.savepoints.isEmpty()) {
      provider.commit(context);
      unit.savepoints.pop();
      return;
    }
    if (unit.isRollbackOnly()) {
      throw new DataAccessException("the transaction was marked as rollback-only");
    }
    try {
      unit.prepare();
    } catch (SQLException e) {
      throw new DataAccessException("a callback before the commit failed", e);
    }
    unit.committing = true;
    provider.commit(context);
    end(context, unit, Completion.COMMITTED);
  }

  /** Also called after a commit that threw. */
  @Override
  public void rollback(TransactionContext context) {
    Joined unit = unit(context);
    if (!unit.savepoints.isEmpty()) {
      unit.revertTo(unit.savepoints.pop());
      provider.rollback(context);
      return;
    }
    try {
      provider.rollback(context);
    } finally {
      boolean unknown = unit.committing && inDoubt(context.cause());
      end(context, unit, unknown ? Completion.UNKNOWN : Completion.ROLLED_BACK);
    }
  }

  private static boolean inDoubt(@Nullable Throwable cause) {
    return cause == null || SqlError.in(cause).map(SqlError::leavesCommitInDoubt).orElse(true);
  }

  private static void end(TransactionContext context, Joined unit, Completion how) {
    context.configuration().data().remove(KEY);
    unit.complete(how);
  }

  private static Joined unit(TransactionContext context) {
    return Objects.requireNonNull(
        (Joined) context.configuration().data(KEY), "the transaction began elsewhere");
  }

  /** The unit of one outermost transaction. */
  private static final class Joined extends CallbackUnitOfWork {
    private final Configuration configuration;
    private final Deque<int[]> savepoints = new ArrayDeque<>();
    private boolean committing;

    Joined(Configuration configuration) {
      this.configuration = configuration;
    }

    @Override
    public Connection connection() {
      return Objects.requireNonNull(
          configuration.connectionProvider().acquire(), "a jOOQ transaction has a connection");
    }

    @Override
    public Optional<Configuration> jooq() {
      return Optional.of(configuration);
    }
  }
}
