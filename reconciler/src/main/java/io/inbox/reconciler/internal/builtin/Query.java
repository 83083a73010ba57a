package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Asks one question of the inbox's database, in a transaction of its own that only reads. */
final class Query {
  private Query() {}

  /** What a row becomes. */
  @FunctionalInterface
  interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  static <T> List<T> list(CheckRun run, String sql, Reader<T> reader, Object... values)
      throws SQLException {
    try (Session session = Session.open(run.dataSource());
        PreparedStatement statement = session.prepare(sql, run.timeLeft())) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i] instanceof Instant at ? Times.at(at) : values[i]);
      }
      List<T> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(reader.read(row));
        }
      }
      return found;
    }
  }
}
