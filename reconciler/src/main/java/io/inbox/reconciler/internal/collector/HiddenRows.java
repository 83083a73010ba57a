package io.inbox.reconciler.internal.collector;

import io.inbox.error.ConfigurationException;
import io.inbox.reconciler.internal.database.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Policies that would hide rows from the collector, which would then silently collect nothing. */
final class HiddenRows {
  private HiddenRows() {}

  /**
   * Throws if row-level security binds this role on the messages, and no policy lets it see and
   * delete all of them.
   */
  static void refuse(Database database, Connection connection) throws SQLException {
    String table = database.tables().quoted("message");
    String open =
        """
        SELECT NOT pg_catalog.row_security_active(?::regclass) OR (
          SELECT count(DISTINCT needed) = 2
          FROM unnest(ARRAY['r', 'd']) AS needed
          JOIN pg_catalog.pg_policy p ON p.polrelid = ?::regclass
            AND p.polcmd::text IN ('*', needed) AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true'
            AND EXISTS (
              SELECT FROM unnest(p.polroles) AS r (oid)
              WHERE r.oid = 0 OR pg_catalog.pg_has_role(r.oid, 'USAGE')))""";
    try (PreparedStatement statement = connection.prepareStatement(open)) {
      statement.setString(1, table);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (!row.getBoolean(1)) {
          throw new ConfigurationException(
              "IBX-510",
              "row-level security hides rows of "
                  + table
                  + " from this role, so they would never be collected (connect as a member of the collector's role, or run row-level-security.sql again)");
        }
      }
    }
  }
}
