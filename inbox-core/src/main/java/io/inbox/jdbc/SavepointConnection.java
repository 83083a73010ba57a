package io.inbox.jdbc;

import io.inbox.spi.CallbackUnitOfWork;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.IdentityHashMap;
import org.jooq.tools.jdbc.DefaultConnection;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a unit of work: what the unit keeps in memory follows the savepoints that are
 * set on it.
 */
final class SavepointConnection extends DefaultConnection {
  private final CallbackUnitOfWork unit;
  private @Nullable IdentityHashMap<Savepoint, int[]> marks;

  SavepointConnection(Connection delegate, CallbackUnitOfWork unit) {
    super(delegate);
    this.unit = unit;
  }

  @Override
  public Savepoint setSavepoint() throws SQLException {
    return marked(super.setSavepoint());
  }

  @Override
  public Savepoint setSavepoint(String name) throws SQLException {
    return marked(super.setSavepoint(name));
  }

  private Savepoint marked(Savepoint savepoint) {
    if (marks == null) {
      marks = new IdentityHashMap<>(4);
    }
    marks.put(savepoint, unit.marks());
    return savepoint;
  }

  @Override
  public void rollback(Savepoint savepoint) throws SQLException {
    super.rollback(savepoint);
    int @Nullable [] reached = marks == null ? null : marks.get(savepoint);
    if (reached != null) {
      unit.revertTo(reached);
    }
  }
}
