package io.inbox.internal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jooq.Transaction;
import org.jooq.TransactionContext;
import org.jooq.TransactionProvider;
import org.jooq.exception.DataAccessException;

/**
 * Turns the transactions of the handler's jOOQ context into savepoints: the outer transaction is
 * not jOOQ's to end.
 */
final class SavepointProvider implements TransactionProvider {
  private final Connection connection;

  SavepointProvider(Connection connection) {
    this.connection = connection;
  }

  @Override
  public void begin(TransactionContext context) {
    try {
      context.transaction(new Nested(connection.setSavepoint()));
    } catch (SQLException e) {
      throw new DataAccessException("cannot set a savepoint", e);
    }
  }

  @Override
  public void commit(TransactionContext context) {
    try {
      connection.releaseSavepoint(((Nested) context.transaction()).savepoint());
    } catch (SQLException e) {
      throw new DataAccessException("cannot release a savepoint", e);
    }
  }

  @Override
  public void rollback(TransactionContext context) {
    try {
      connection.rollback(((Nested) context.transaction()).savepoint());
    } catch (SQLException e) {
      throw new DataAccessException("cannot roll back to a savepoint", e);
    }
  }

  /** One savepoint. */
  private record Nested(Savepoint savepoint) implements Transaction {}
}
