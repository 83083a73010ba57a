package io.inbox.internal.outbox;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** Borrows connections, one at a time and never while a publisher is called. */
final class Connections {
  private final DataSource dataSource;

  Connections(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** Work on a connection. */
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /** Runs work whose statements commit one by one. */
  <T> T use(Work<T> work) throws SQLException {
    return borrow(true, work);
  }

  /** Runs work in one transaction. */
  <T> T transaction(Work<T> work) throws SQLException {
    return borrow(
        false,
        connection -> {
          try {
            T value = work.run(connection);
            connection.commit();
            return value;
          } catch (SQLException | RuntimeException | Error e) {
            rollBack(connection, e);
            throw e;
          }
        });
  }

  private <T> T borrow(boolean autoCommit, Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      boolean before = connection.getAutoCommit();
      if (before != autoCommit) {
        connection.setAutoCommit(autoCommit);
      }
      @Nullable Throwable failed = null;
      try {
        return work.run(connection);
      } catch (DataAccessException e) {
        failed = e;
        if (e.getCause() instanceof SQLException) {
          throw (SQLException) e.getCause(); // what jOOQ wrapped
        }
        throw e;
      } catch (SQLException | RuntimeException | Error e) {
        failed = e;
        throw e;
      } finally {
        restore(connection, before, autoCommit, failed);
      }
    }
  }

  private static void restore(
      Connection connection, boolean before, boolean now, @Nullable Throwable failed)
      throws SQLException {
    if (before != now) {
      try {
        connection.setAutoCommit(before);
      } catch (SQLException e) {
        if (failed == null) {
          throw e;
        }
        failed.addSuppressed(e);
      }
    }
  }

  private static void rollBack(Connection connection, Throwable failed) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      failed.addSuppressed(e);
    }
  }
}
