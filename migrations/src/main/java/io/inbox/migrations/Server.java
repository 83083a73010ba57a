package io.inbox.migrations;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Recognises the database behind a connection and refuses what Inbox cannot work on. */
final class Server {
  private Server() {}

  /** Returns the database, after checking its product, its version and that it tells keys apart. */
  static Database recognise(Connection connection) throws SQLException {
    DatabaseMetaData metaData = connection.getMetaData();
    String product = metaData.getDatabaseProductName();
    String version = metaData.getDatabaseProductVersion();
    Database database = byProduct(product, version);
    if (database == Database.POSTGRESQL) {
      requirePostgresItself(connection);
    }
    requireVersion(database, version);
    if (database == Database.H2) {
      requireExactComparison(connection);
    }
    return database;
  }

  static Database byProduct(String product, String version) {
    return Arrays.stream(Database.values())
        .filter(database -> database.productName().equals(product))
        .findFirst()
        .orElseThrow(() -> unsupported(product + " " + version));
  }

  static void requireVersion(Database database, String reported) {
    if (ServerVersion.parse(reported).compareTo(database.minimum()) < 0) {
      throw new MigrationException(
          "IBX-502",
          "%s %s is too old for Inbox: found %s, need %s or newer; upgrade the database%s"
              .formatted(
                  database.productName(),
                  reported,
                  reported,
                  database.minimum(),
                  database == Database.H2 ? " library (com.h2database:h2)" : " server"));
    }
  }

  private static MigrationException unsupported(String found) {
    String supported =
        Arrays.stream(Database.values())
            .map(database -> database.productName() + " " + database.minimum() + " or newer")
            .collect(Collectors.joining(", "));
    return new MigrationException(
        "IBX-501", "%s is not supported by Inbox; supported are: %s".formatted(found, supported));
  }

  /** Others speak PostgreSQL's protocol and report its name, but lock and conflict differently. */
  private static void requirePostgresItself(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_catalog.version()")) {
      row.next();
      String version = row.getString(1);
      if (!version.startsWith("PostgreSQL ")) {
        throw unsupported(version);
      }
    }
  }

  /**
   * An H2 database can be set to a collation that takes different texts for equal. No column type
   * protects from it, so two messages would become one and the second be lost.
   */
  private static void requireExactComparison(Connection connection) throws SQLException {
    String probe = "SELECT 'a' = 'A' OR 'a' = 'a ' OR 'e' = U&'\\00e9' OR U&'\\00e9' = U&'e\\0301'";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(probe)) {
      row.next();
      if (row.getBoolean(1)) {
        throw new MigrationException(
            "IBX-524",
            "this H2 database takes different texts for equal (by SET COLLATION or its compatibility mode), so different"
                + " messages would be taken for duplicates and lost; use a database without SET COLLATION, in regular"
                + " or PostgreSQL mode");
      }
    }
  }
}
