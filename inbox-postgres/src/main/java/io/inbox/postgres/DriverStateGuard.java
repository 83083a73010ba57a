package io.inbox.postgres;

import io.inbox.error.UsageException;
import io.inbox.spi.CommitGuard;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Asks the driver in which state the server said the transaction is. The server says so after every
 * statement, so this costs no round trip. It is needed because pgjdbc's {@code commit()} returns
 * normally when the server turned the COMMIT into a ROLLBACK.
 */
final class DriverStateGuard implements CommitGuard {
  @Override
  public boolean seesFailedStatements() {
    return true;
  }

  @Override
  public boolean ddlCommits() {
    return false;
  }

  @Override
  public Object mark(Connection connection) throws SQLException {
    return state(connection);
  }

  @Override
  public void verify(Connection connection, Object mark) throws SQLException {
    TransactionState state = state(connection);
    if (state == TransactionState.FAILED) {
      throw new UsageException(
          "IBX-312",
          "a statement in the handler failed and the handler went on: PostgreSQL has aborted the transaction, which was rolled back (let the exception through, or undo "
              + "the statement by rolling back to a savepoint)");
    }
    if (state == TransactionState.IDLE) {
      throw new UsageException(
          "IBX-311",
          "the handler ended the transaction that claimed the key, so what it wrote is not tied to the key (leave commit and rollback to Inbox)");
    }
  }

  private static TransactionState state(Connection connection) throws SQLException {
    return connection.unwrap(BaseConnection.class).getTransactionState();
  }
}
