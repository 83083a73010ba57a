package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Rows of a cursor on the server. */
final class CursorRows implements Rows {
  private final Session session;
  private final ResultSet rows;
  private final Shape shape;

  CursorRows(Session session, ResultSet rows, Shape shape) {
    this.session = session;
    this.rows = rows;
    this.shape = shape;
  }

  @Override
  public @Nullable Row next() throws SQLException {
    return rows.next() ? SqlSide.row(rows, rows.getInt("b"), shape) : null;
  }

  @Override
  public void close() throws SQLException {
    session.close(); // and with it the statement and its cursor
  }
}
