package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.spi.CheckRun;
import java.sql.SQLException;

/** The catalogue of H2. */
final class H2Catalogue implements Catalogue {
  private final CheckRun run;

  H2Catalogue(CheckRun run) {
    this.run = run;
  }

  @Override
  public void look() throws SQLException {
    String schema = run.store().tables().schema();
    String prefix = run.store().tables().prefix();
    String second =
        """
        SELECT INDEX_NAME FROM INFORMATION_SCHEMA.INDEXES
        WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND INDEX_TYPE_NAME IN ('UNIQUE INDEX', 'UNIQUE NULLS DISTINCT INDEX', 'UNIQUE NULLS NOT DISTINCT INDEX')
        ORDER BY 1
        """;
    for (String index :
        Query.list(run, second, row -> row.getString(1), schema, prefix + "message")) {
      run.found(Catalogue.secondUnique(index));
    }
    String without =
        """
        SELECT t.TABLE_NAME FROM INFORMATION_SCHEMA.TABLES t
        WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ANY (?) AND NOT EXISTS (
          SELECT 1 FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS c
          WHERE c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE = 'PRIMARY KEY')
        ORDER BY 1
        """;
    String[] tables = Catalogue.tables(run.store().tables());
    for (String table : Query.list(run, without, row -> row.getString(1), schema, tables)) {
      run.found(Catalogue.noPrimaryKey(table));
    }
    sequences(schema, tables);
  }

  /** A cache of H2 is one of the database, not of a session, and keeps the order. */
  private void sequences(String schema, String[] tables) throws SQLException {
    String sql =
        """
        SELECT TABLE_NAME || '.' || COLUMN_NAME, CAST(IDENTITY_BASE AS DOUBLE PRECISION) * 100 / IDENTITY_MAXIMUM
        FROM INFORMATION_SCHEMA.COLUMNS
        WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ANY (?) AND IS_IDENTITY = 'YES' ORDER BY 1
        """;
    record Sequence(String name, double used) {}
    for (Sequence sequence :
        Query.list(
            run, sql, row -> new Sequence(row.getString(1), row.getDouble(2)), schema, tables)) {
      if (sequence.used() >= 90) {
        run.found(Catalogue.nearItsEnd(sequence.name(), (long) sequence.used()));
      }
    }
  }
}
