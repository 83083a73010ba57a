package io.inbox.jdbc;

import io.inbox.error.ConfigurationException;
import io.inbox.spi.StoreReport;
import io.inbox.spi.StoreReport.Durability;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads what an H2 database promises. */
final class H2Inspection {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.Inbox");

  /** The files of which this process has said that they are for development. */
  private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

  private static final int[] OLDEST = {2, 4, 240};

  private H2Inspection() {}

  static StoreReport of(Connection connection) throws SQLException {
    DatabaseMetaData data = connection.getMetaData();
    if (!data.getDatabaseProductName().equals("H2")) {
      throw new ConfigurationException(
          "IBX-501",
          "PortableStore supports H2, found "
              + data.getDatabaseProductName()
              + " (for PostgreSQL use PostgresStore of inbox-postgres; others are not supported)");
    }
    String version = data.getDatabaseProductVersion();
    if (older(version)) {
      throw new ConfigurationException(
          "IBX-502",
          "found H2 "
              + version
              + ", needed 2.4.240 or later: older ones lose updates under SELECT FOR UPDATE (raise com.h2database:h2 in the build, where a dependency may bring an old one; and of the server, if there is one)");
    }
    String collation = setting(connection, "COLLATION");
    if (!collation.isEmpty() && !collation.toUpperCase(Locale.ROOT).startsWith("OFF")) {
      throw new ConfigurationException(
          "IBX-509",
          "the H2 database has the collation "
              + collation
              + ", so different keys may count as equal (create it without SET COLLATION)");
    }
    if (setting(connection, "MODE").equalsIgnoreCase("Oracle")) {
      throw new ConfigurationException(
          "IBX-509",
          "the H2 database is in MODE=Oracle, where an empty text is NULL, which no key can be (leave MODE out of its URL, or take another mode)");
    }
    boolean inMemory = data.getURL().startsWith("jdbc:h2:mem:") || isInMemory(connection);
    List<String> remarks = new ArrayList<>();
    Durability durability = inMemory ? Durability.NONE : Durability.DURABLE;
    if (inMemory && !setting(connection, "DB_CLOSE_DELAY").equals("-1")) {
      throw new ConfigurationException(
          "IBX-506",
          "the in-memory H2 database vanishes with its last connection (add ;DB_CLOSE_DELAY=-1 to its URL)");
    }
    if (!inMemory && !setting(connection, "WRITE_DELAY").equals("0")) {
      durability = Durability.REDUCED;
      remarks.add(
          "H2 writes commits late, so a killed process loses acknowledged messages (add ;WRITE_DELAY=0 to the URL)");
    }
    String identity = identity(connection, data);
    if (!inMemory && !isServed(data) && TOLD.add(identity)) {
      LOG.info(
          "H2 {} in a file is for development: if this process is killed while several connections write, a part of a transaction may be left (H2 issue 2080)",
          version);
    }
    return new StoreReport("H2 " + version, identity, durability, remarks);
  }

  /** Then the file is another process's, which is to be asked. */
  private static boolean isServed(DatabaseMetaData data) throws SQLException {
    return data.getURL().startsWith("jdbc:h2:tcp:") || data.getURL().startsWith("jdbc:h2:ssl:");
  }

  private static boolean isInMemory(Connection connection) throws SQLException {
    return text(connection, "SELECT DATABASE_PATH()").isEmpty();
  }

  /** A file's path names the database; one in memory is named by its URL up to the options. */
  private static String identity(Connection connection, DatabaseMetaData data) throws SQLException {
    String path = text(connection, "SELECT DATABASE_PATH()");
    String url = data.getURL();
    int options = url.indexOf(';');
    return "h2:" + (path.isEmpty() ? options < 0 ? url : url.substring(0, options) : path);
  }

  private static boolean older(String version) {
    String[] parts = version.split("[^0-9]+", -1);
    for (int i = 0; i < OLDEST.length; i++) {
      int found = i < parts.length && !parts[i].isEmpty() ? Integer.parseInt(parts[i]) : 0;
      if (found != OLDEST[i]) {
        return found < OLDEST[i];
      }
    }
    return false;
  }

  private static String setting(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            // DATABASE_TO_LOWER=TRUE changes the case of the names of settings, too.
            "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE UPPER(SETTING_NAME) = ?")) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getString(1) : "";
      }
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      @Nullable String value = row.next() ? row.getString(1) : null;
      return value == null ? "" : value;
    }
  }
}
