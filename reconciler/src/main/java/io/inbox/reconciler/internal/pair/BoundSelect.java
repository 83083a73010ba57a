package io.inbox.reconciler.internal.pair;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/** A SELECT that is bounded in time. */
interface BoundSelect {
  /** Returns its text, with question marks. */
  String sql();

  /** Returns whether it may return a row twice. */
  boolean mayRepeat();

  /** Binds its question marks, beginning with this one; returns the number of the next. */
  int bind(PreparedStatement statement, int first, Bounds bounds) throws SQLException;
}
