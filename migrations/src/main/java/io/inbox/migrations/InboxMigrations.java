package io.inbox.migrations;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schema of Inbox in one database to the version this library needs.
 *
 * <p>{@code InboxMigrations.on(dataSource).migrate()} at the start of a service is enough. The
 * migrations run in a Flyway instance with a history table of its own ({@code flyway_history}, with
 * the prefix, in the schema of Inbox); the application's own Flyway history is neither read nor
 * written, and its version numbers may be the same.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class InboxMigrations {
  private static final Logger LOG = LoggerFactory.getLogger(InboxMigrations.class);
  private static final Duration DEFAULT_WAIT = Duration.ofMinutes(10);
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private final DataSource dataSource;
  private final Catalog catalog;
  private final String schema;
  private final String prefix;
  private final Duration wait;

  private InboxMigrations(
      DataSource dataSource, Catalog catalog, String schema, String prefix, Duration wait) {
    this.dataSource = dataSource;
    this.catalog = catalog;
    this.schema = schema;
    this.prefix = prefix;
    this.wait = wait;
  }

  /**
   * Starts from a data source whose user may create the schema or, if it exists, tables in it.
   *
   * @throws MigrationException IBX-303 if the data source is null
   */
  public static InboxMigrations on(DataSource dataSource) {
    return on(dataSource, Catalog.RELEASED);
  }

  static InboxMigrations on(@Nullable DataSource dataSource, Catalog catalog) {
    if (dataSource == null) {
      throw new MigrationException(
          "IBX-303", "the data source is null: pass the one your service's tables are in");
    }
    return new InboxMigrations(dataSource, catalog, Names.DEFAULT_SCHEMA, "", DEFAULT_WAIT);
  }

  /** Returns the version of the schema that this library brings a database to. */
  public static int latestVersion() {
    return Catalog.RELEASED.latestVersion();
  }

  /**
   * Returns a copy that uses this schema; by default {@code inbox}. It is created if it does not
   * exist. All nodes and the stores must be given the same.
   *
   * @throws MigrationException IBX-301 or IBX-302 if the name is not allowed; the message says what
   *     is
   */
  public InboxMigrations schema(String schema) {
    Objects.requireNonNull(schema, "schema");
    new Names(schema, prefix, Map.of());
    return new InboxMigrations(dataSource, catalog, schema, prefix, wait);
  }

  /**
   * Returns a copy that begins the name of every table with this prefix; by default empty. Use one,
   * such as {@code inbox_}, when the tables must share a schema with others.
   *
   * @throws MigrationException IBX-301 or IBX-302 if the prefix is not allowed; the message says
   *     what is
   */
  public InboxMigrations prefix(String prefix) {
    Objects.requireNonNull(prefix, "prefix");
    new Names(schema, prefix, Map.of());
    return new InboxMigrations(dataSource, catalog, schema, prefix, wait);
  }

  /**
   * Returns a copy that waits at most this long for another node that is migrating; by default 10
   * minutes.
   *
   * @throws IllegalArgumentException unless the time is between one millisecond and one day
   */
  public InboxMigrations waitAtMost(Duration wait) {
    if (wait.toMillis() < 1 || wait.compareTo(LONGEST_WAIT) > 0) {
      throw new IllegalArgumentException(
          "The wait for another node must be between 1 ms and 1 day, but was " + wait);
    }
    return new InboxMigrations(dataSource, catalog, schema, prefix, wait);
  }

  /**
   * Runs the migrations that the schema lacks, in order, and returns what was done.
   *
   * <p>If there is nothing to do, it is one query on one connection, and the user needs no more
   * than {@code SELECT} on {@code schema_version}. A schema that was made from rendered scripts is
   * recognised. Otherwise it takes up to four connections at once from the data source and uses
   * transactions of its own; a caller's transaction is never joined. On PostgreSQL each migration
   * is applied whole or not at all; on H2 a process killed half-way is continued by the next call.
   * Of several nodes that call it at once, one runs and the others wait.
   *
   * <p>A schema that a newer library has migrated is left alone and accepted if that library
   * declared this version compatible, so nodes of both versions can run side by side.
   *
   * @throws MigrationException if the database is unsupported (IBX-501), too old (IBX-502), in
   *     memory and dropped between two connections (IBX-506), unreachable (IBX-520) or does not
   *     tell keys apart (IBX-524), if the schema is too new (IBX-521), if another node takes too
   *     long (IBX-522) or if a migration fails (IBX-523)
   */
  public MigrationResult migrate() {
    Names names = new Names(schema, prefix, Map.of());
    try {
      Database database;
      try (Connection connection = dataSource.getConnection()) {
        database = Server.recognise(connection);
        SchemaVersion found = readAndRelease(connection, names);
        requireCompatible(found, names);
        if (found.version() >= catalog.latestVersion()) {
          return new MigrationResult(found.version(), found.version(), 0);
        }
      }
      return migrateAlone(database, names);
    } catch (SQLException e) {
      throw new MigrationException(
          "IBX-520",
          "the database cannot be reached or refused a statement while schema \"%s\" was looked at: %s%s (SQL state %s); check the URL, the user and its privileges"
              .formatted(schema, e.getMessage(), because(e), e.getSQLState()),
          e);
    }
  }

  /** What the server or the driver said, which a pool hides behind its own timeout. */
  private static String because(SQLException error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.equals(error) || root.getMessage() == null ? "" : ": " + root.getMessage();
  }

  private MigrationResult migrateAlone(Database database, Names names) throws SQLException {
    try (MigrationLock lock = MigrationLock.acquire(dataSource, database, names, wait)) {
      SchemaVersion before = SchemaVersion.read(lock.connection(), names);
      requireCompatible(before, names);
      if (before.version() >= catalog.latestVersion()) {
        return new MigrationResult(before.version(), before.version(), 0);
      }
      int applied =
          new FlywayRun(dataSource, catalog, database, names)
              .run(
                  before.version(),
                  SchemaVersion.exists(lock.connection(), names, FlywayRun.HISTORY));
      SchemaVersion after = SchemaVersion.read(lock.connection(), names);
      LOG.info(
          "Migrated schema \"{}\" of Inbox from version {} to {}",
          schema,
          before.version(),
          after.version());
      return new MigrationResult(before.version(), after.version(), applied);
    }
  }

  private static SchemaVersion readAndRelease(Connection connection, Names names)
      throws SQLException {
    try {
      return SchemaVersion.read(connection, names);
    } finally {
      if (!connection.getAutoCommit()) {
        connection.rollback();
      }
    }
  }

  private void requireCompatible(SchemaVersion found, Names names) {
    if (found.compatibleFrom() > catalog.latestVersion()) {
      throw new MigrationException(
          "IBX-521",
          "schema \"%s\" is at version %d and needs a library that knows version %d or newer, but this one knows %d; deploy a newer Inbox on this node (a schema is never migrated back)"
              .formatted(
                  names.schema(),
                  found.version(),
                  found.compatibleFrom(),
                  catalog.latestVersion()));
    }
  }
}
