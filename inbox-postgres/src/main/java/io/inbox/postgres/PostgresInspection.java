package io.inbox.postgres;

import io.inbox.error.ConfigurationException;
import io.inbox.spi.StoreReport;
import io.inbox.spi.StoreReport.Durability;
import io.inbox.spi.Tables;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.postgresql.PGConnection;

/** Reads what a PostgreSQL server, its driver and what stands between them promise. */
final class PostgresInspection {
  private static final int OLDEST_SERVER = 14;

  /** The first driver without CVE-2024-1597, CVE-2025-49146 and CVE-2026-42198. */
  private static final int[] OLDEST_DRIVER = {42, 7, 11};

  /** Engines that share out the tables and call themselves PostgreSQL: YugabyteDB is the first. */
  private static final Pattern DISTRIBUTED = Pattern.compile("-YB-|Greenplum|Cloudberry");

  private final Connection connection;
  private final Tables tables;
  private final List<String> remarks = new ArrayList<>();

  PostgresInspection(Connection connection, Tables tables) {
    this.connection = connection;
    this.tables = tables;
  }

  StoreReport report(boolean rowLevelSecurity, boolean poolerKeepsStatements) throws SQLException {
    DatabaseMetaData data = connection.getMetaData();
    if (!data.getDatabaseProductName().equals("PostgreSQL")) {
      throw new ConfigurationException(
          "IBX-501",
          "PostgresStore supports PostgreSQL, found "
              + data.getDatabaseProductName()
              + " (for H2 use PortableStore; others are not supported)");
    }
    refuseLookAlike();
    if (data.getDatabaseMajorVersion() < OLDEST_SERVER) {
      throw new ConfigurationException(
          "IBX-502",
          "found PostgreSQL "
              + data.getDatabaseProductVersion()
              + ", needed "
              + OLDEST_SERVER
              + " or later (upgrade the server, or connect to another)");
    }
    refuseOldDriver(data.getDriverVersion());
    refuseOtherEncoding();
    refusePooler(poolerKeepsStatements);
    refuseReadOnly();
    if (rowLevelSecurity) {
      refuseUnboundRole();
    } else {
      refuseUnnamedTenant();
    }
    Durability durability = durability();
    String identity =
        "postgres:"
            + text("SELECT system_identifier::text FROM pg_control_system()")
            + "/"
            + text("SELECT current_database()");
    return new StoreReport(
        "PostgreSQL " + data.getDatabaseProductVersion(), identity, durability, remarks);
  }

  /** Others speak PostgreSQL's protocol and report its name, but lock and conflict differently. */
  private void refuseLookAlike() throws SQLException {
    String version = text("SELECT pg_catalog.version()");
    if (!version.startsWith("PostgreSQL ") || DISTRIBUTED.matcher(version).find()) {
      throw new ConfigurationException(
          "IBX-501",
          "PostgresStore supports PostgreSQL itself, found "
              + version
              + ", which locks and commits in its own way (for H2 use PortableStore; others are not supported)");
    }
  }

  /** Asked of the driver that runs: its constants would be those of the one compiled against. */
  private static void refuseOldDriver(String found) {
    String[] parts = found.split("[^0-9]+", -1);
    for (int i = 0; i < OLDEST_DRIVER.length; i++) {
      int part = i < parts.length && !parts[i].isEmpty() ? Integer.parseInt(parts[i]) : 0;
      if (part > OLDEST_DRIVER[i]) {
        return;
      }
      if (part < OLDEST_DRIVER[i]) {
        throw new ConfigurationException(
            "IBX-503",
            "found pgjdbc "
                + found
                + ", needed 42.7.11 or later (older ones have CVE-2024-1597, CVE-2025-49146 or CVE-2026-42198; raise org.postgresql:postgresql in the build, where a dependency may bring an old one)");
      }
    }
  }

  /** In another encoding some keys cannot be stored, and bytes would sort in another order. */
  private void refuseOtherEncoding() throws SQLException {
    String encoding = text("SELECT current_setting('server_encoding')");
    if (!encoding.equals("UTF8")) {
      throw new ConfigurationException(
          "IBX-511",
          "the database is encoded in "
              + encoding
              + ", needed UTF8 (create the database with ENCODING 'UTF8')");
    }
  }

  /**
   * A pooler answers the driver's start-up itself, so the server process is another one than the
   * driver was told.
   */
  private void refusePooler(boolean poolerKeepsStatements) throws SQLException {
    PGConnection driver = connection.unwrap(PGConnection.class);
    boolean pooler =
        !text("SELECT pg_backend_pid()").equals(String.valueOf(driver.getBackendPID()));
    if (pooler && !poolerKeepsStatements && driver.getPrepareThreshold() != 0) {
      throw new ConfigurationException(
          "IBX-507",
          "a pooler stands between driver and server, and the driver prepares statements: one client may run another's (add prepareThreshold=0 to the JDBC URL; or, for "
              + "PgBouncer 1.21 and later with max_prepared_statements and for session pooling, confirm with PostgresStore.Builder.poolerKeepsStatements)");
    }
  }

  private void refuseReadOnly() throws SQLException {
    if (text("SELECT current_setting('transaction_read_only')").equals("on")) {
      throw new ConfigurationException(
          "IBX-504",
          "this connection is read-only: a standby, or default_transaction_read_only (connect to the primary, with targetServerType=primary)");
    }
  }

  private void refuseUnboundRole() throws SQLException {
    String bound =
        text(
            "SELECT (NOT (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AND relrowsecurity AND relforcerowsecurity)::text"
                + " FROM pg_class WHERE oid = to_regclass('"
                + tables.quoted("message")
                + "')");
    if (!bound.equals("true")) {
      throw new ConfigurationException(
          "IBX-510",
          "row-level security does not bind this role on "
              + tables.quoted("message")
              + ": it is a superuser or has BYPASSRLS, or the policies are not enabled and forced (run row-level-security.sql, connect as the application's role)");
    }
  }

  /** A role that may not record a message, such as a relay's, serves every tenant. */
  private void refuseUnnamedTenant() throws SQLException {
    String table = "to_regclass('" + tables.quoted("message") + "')";
    if (text("SELECT (row_security_active(%s) AND has_table_privilege(%s, 'INSERT'))::text"
            .formatted(table, table))
        .equals("true")) {
      throw new ConfigurationException(
          "IBX-510",
          "row-level security binds this role on "
              + tables.quoted("message")
              + ", but the store does not name the tenant, so every message would be refused (use PostgresStore.Builder.rowLevelSecurity; to collect or to reconcile, log in with the collector's role or the reconciler's)");
    }
  }

  private Durability durability() throws SQLException {
    String commit = text("SELECT current_setting('synchronous_commit')");
    if (commit.equals("off")) {
      remarks.add(
          "synchronous_commit is off, so a crash of the server loses the acknowledged messages of the last moments (set it to on or local)");
    }
    if (text("SELECT current_setting('fsync')").equals("off")) {
      remarks.add(
          "fsync is off, so a crash of the machine may lose or corrupt everything (switch it on)");
    }
    if (text("SELECT current_setting('full_page_writes')").equals("off")) {
      remarks.add(
          "full_page_writes is off, so a crash of the machine may corrupt pages (switch it on)");
    }
    return remarks.isEmpty() ? Durability.DURABLE : Durability.REDUCED;
  }

  private String text(String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      return row.next() && row.getString(1) != null ? row.getString(1) : "";
    }
  }
}
