package io.inbox.reconciler.internal.collector;

import io.inbox.reconciler.internal.database.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What PostgreSQL has to do after the collector: rows that were deleted take room until vacuumed.
 */
final class Upkeep {
  private Upkeep() {}

  static List<String> remarks(Database database, Connection connection) throws SQLException {
    String table = database.tables().quoted("message");
    String plain = database.tables().quoted(TidRangeSql.PLAIN);
    String query =
        """
        SELECT current_setting('autovacuum') = 'on' AND current_setting('track_counts') = 'on'
            AND coalesce((SELECT option_value::boolean FROM pg_catalog.pg_options_to_table(c.reloptions)
                          WHERE option_name = 'autovacuum_enabled'), true),
          round(coalesce((SELECT option_value FROM pg_catalog.pg_options_to_table(c.reloptions)
                          WHERE option_name = 'autovacuum_vacuum_threshold')::numeric, current_setting('autovacuum_vacuum_threshold')::numeric)
            + coalesce((SELECT option_value FROM pg_catalog.pg_options_to_table(c.reloptions)
                        WHERE option_name = 'autovacuum_vacuum_scale_factor')::numeric, current_setting('autovacuum_vacuum_scale_factor')::numeric)
              * greatest(c.reltuples, 0)::numeric)::bigint
        FROM pg_catalog.pg_class c WHERE c.oid = coalesce(to_regclass(?), ?::regclass)""";
    List<String> remarks = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, plain);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        remarks.add(
            row.getBoolean(1)
                ? "autovacuum frees the room in "
                    + table
                    + " once "
                    + row.getLong(2)
                    + " rows are dead (see its last_autovacuum in pg_stat_user_tables)"
                : "autovacuum is off for "
                    + table
                    + ", so the room of what was removed is never used again, and the table grows (switch it on, or run VACUUM after the collector)");
      }
    }
    return remarks;
  }
}
