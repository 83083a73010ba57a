package io.inbox.migrations;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What the table schema_version says about the schema.
 *
 * @param version the newest migration applied; 0 if there is none
 * @param compatibleFrom the oldest version of the code that may work on it
 */
record SchemaVersion(int version, int compatibleFrom) {
  static final String TABLE = "schema_version";

  static SchemaVersion read(Connection connection, Names names) throws SQLException {
    if (!exists(connection, names, TABLE)) {
      return new SchemaVersion(0, 0);
    }
    String sql =
        "SELECT COALESCE(MAX(\"version\"), 0), COALESCE(MAX(\"compatible_from\"), 0) FROM "
            + names.quoted(TABLE);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return new SchemaVersion(row.getInt(1), row.getInt(2));
    }
  }

  /**
   * Whether a table of ours exists. An answer from the catalogue, as a failed query would end the
   * transaction.
   */
  static boolean exists(Connection connection, Names names, String table) throws SQLException {
    // "_" is a wildcard to the driver, hence the second look at the names.
    try (ResultSet tables =
        connection.getMetaData().getTables(null, names.schema(), names.table(table), null)) {
      while (tables.next()) {
        if (tables.getString("TABLE_SCHEM").equals(names.schema())
            && tables.getString("TABLE_NAME").equals(names.table(table))) {
          return true;
        }
      }
      return false;
    }
  }
}
