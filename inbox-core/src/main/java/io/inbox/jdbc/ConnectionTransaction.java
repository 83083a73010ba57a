package io.inbox.jdbc;

import io.inbox.error.CommitInDoubtException;
import io.inbox.internal.DatabaseErrors;
import io.inbox.spi.CallbackUnitOfWork;
import io.inbox.spi.SqlError;
import io.inbox.spi.Transactions.Work;
import io.inbox.spi.UnitOfWork.Completion;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.Optional;
import org.jooq.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One transaction on one connection, from begin to completion. */
final class ConnectionTransaction extends CallbackUnitOfWork {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionTransaction.class);

  private final Connection connection;
  private final Optional<Configuration> jooq;
  private boolean ended;

  private ConnectionTransaction(Connection connection, Optional<Configuration> jooq) {
    this.connection = new SavepointConnection(connection, this);
    this.jooq = jooq;
  }

  /**
   * Runs work in a transaction on a connection that has none open; leaves its autocommit as it was.
   */
  static <T> T run(Connection connection, Optional<Configuration> jooq, Work<T> work)
      throws Exception {
    boolean autoCommit = connection.getAutoCommit();
    if (autoCommit) {
      connection.setAutoCommit(false);
    }
    ConnectionTransaction transaction = new ConnectionTransaction(connection, jooq);
    try {
      return transaction.run(work);
    } finally {
      if (autoCommit && transaction.ended) {
        restoreAutoCommit(connection); // only now: with a transaction open it would commit
      }
    }
  }

  /** An error here must not hide how the transaction ended; the connection is broken anyway. */
  private static void restoreAutoCommit(Connection connection) {
    try {
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      LOG.debug("A connection could not be put back into autocommit mode", e);
    }
  }

  private <T> T run(Work<T> work) throws Exception {
    T value;
    @Nullable LastWrite last = null;
    try {
      value = work.run(this);
      if (!isRollbackOnly()) {
        last = prepareAllButLast();
      }
    } catch (Throwable e) {
      rollBack(e);
      throw e;
    }
    if (isRollbackOnly()) {
      rollBack(null);
    } else {
      commit(last);
    }
    return value;
  }

  private void commit(@Nullable LastWrite last) throws SQLException {
    Completion how = Completion.UNKNOWN;
    try {
      connection.clearWarnings();
      @Nullable SQLWarning warning = last == null ? null : last.writeAndCommit(connection);
      connection.commit(); // after such a write the driver has nothing to send, but a pool is told
      ended = true;
      refuse(warning);
      refuse(connection.getWarnings());
      how = Completion.COMMITTED;
    } catch (SQLException e) {
      if (SqlError.leavesCommitInDoubt(e)) {
        throw new CommitInDoubtException(
            "IBX-321",
            "the connection was lost while committing, SQLSTATE "
                + e.getSQLState()
                + " (do not acknowledge; claim the key again)",
            e);
      }
      how = Completion.ROLLED_BACK;
      rollBackQuietly(e);
      throw e;
    } catch (CommitInDoubtException e) {
      throw e;
    } catch (RuntimeException e) {
      rollBackQuietly(e); // of a last write: a driver that breaks; it stays unknown whether it sent
      throw e;
    } finally {
      complete(how);
    }
  }

  /**
   * PostgreSQL reports a commit whose wait for synchronous replication was cancelled as success
   * with a warning: it stands here, and may be missing after a failover.
   */
  private static void refuse(@Nullable SQLWarning first) {
    @Nullable SQLWarning warning = first;
    while (warning != null) { // notices of deferred triggers may stand before it
      if ("01000".equals(warning.getSQLState())) {
        throw DatabaseErrors.unreplicated(warning);
      }
      warning = warning.getNextWarning();
    }
  }

  private void rollBack(@Nullable Throwable why) throws SQLException {
    try {
      rollBackQuietly(why);
    } finally {
      complete(Completion.ROLLED_BACK);
    }
  }

  /**
   * Rolls back; where the connection is too broken for that, the database rolls back by itself when
   * it notices.
   */
  private void rollBackQuietly(@Nullable Throwable why) throws SQLException {
    try {
      connection.rollback();
      ended = true;
    } catch (SQLException e) {
      if (why == null) {
        throw e;
      }
      why.addSuppressed(e);
    }
  }

  @Override
  public Connection connection() {
    return connection;
  }

  @Override
  public Optional<Configuration> jooq() {
    return jooq;
  }
}
