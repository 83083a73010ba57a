package io.inbox.migrations;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.Arrays;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

/**
 * One run of Flyway over our scripts, in our schema, with our history table. The caller holds the
 * {@link MigrationLock}.
 *
 * <p>The table schema_version decides what has been applied; Flyway's history is made to agree with
 * it first. It may lag behind: a DBA ran the rendered scripts, or H2 was killed between a migration
 * and its row in the history.
 */
final class FlywayRun {
  static final String HISTORY = "flyway_history";

  private final DataSource dataSource;
  private final Database database;
  private final Names names;
  private final Catalog catalog;

  FlywayRun(DataSource dataSource, Catalog catalog, Database database, Names names) {
    this.dataSource = dataSource;
    this.catalog = catalog;
    this.database = database;
    this.names = names;
  }

  /** Returns how many migrations were run. */
  int run(int recordedVersion, boolean historyExists) throws SQLException {
    try {
      Flyway flyway = flyway(recordedVersion);
      if (historyExists && disagrees(flyway, recordedVersion)) {
        dropHistory();
      }
      return flyway.migrate().migrationsExecuted;
    } catch (FlywayException e) {
      throw failed(e);
    }
  }

  private Flyway flyway(int recordedVersion) {
    return Flyway.configure(FlywayRun.class.getClassLoader())
        .dataSource(dataSource)
        .defaultSchema(names.schema())
        .schemas(names.schema())
        .createSchemas(true)
        .table(names.table(HISTORY))
        // Also when nothing was applied: the schema may hold tables of the application, which
        // Flyway takes for ours.
        .baselineOnMigrate(true)
        .baselineVersion(MigrationVersion.fromVersion(String.valueOf(recordedVersion)))
        .baselineDescription("already applied")
        .resourceProvider(new CatalogResources(catalog, database, names))
        .placeholderReplacement(false)
        .locations(new String[0])
        .skipDefaultCallbacks(true)
        .cleanDisabled(true)
        .load();
  }

  private static boolean disagrees(Flyway flyway, int recordedVersion) {
    MigrationInfo[] all = flyway.info().all();
    boolean failed = Arrays.stream(all).anyMatch(info -> info.getState().isFailed());
    int applied =
        Arrays.stream(all)
            .filter(info -> info.getState().isApplied() && info.getVersion() != null)
            .mapToInt(info -> Integer.parseInt(info.getVersion().getVersion()))
            .max()
            .orElse(-1);
    return failed || applied != recordedVersion;
  }

  /**
   * Flyway then begins a new one at the recorded version; when each was applied is kept in
   * schema_version.
   */
  private void dropHistory() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE " + names.quoted(HISTORY));
      if (!connection.getAutoCommit()) {
        connection.commit();
      }
    }
  }

  private MigrationException failed(FlywayException e) {
    Throwable cause = e;
    while (cause.getCause() != null && !(cause instanceof SQLException)) {
      cause = cause.getCause();
    }
    String what =
        cause instanceof SQLException sql
            ? "%s (SQL state %s)".formatted(firstLine(sql.getMessage()), sql.getSQLState())
            : firstLine(e.getMessage());
    return new MigrationException(
        "IBX-523",
        "a migration of schema \"%s\" on %s failed: %s; %s. Remove the cause and run it again; %s"
            .formatted(
                names.schema(),
                database.productName(),
                what,
                database == Database.POSTGRESQL
                    ? "nothing of it was kept"
                    : "what it had done so far is continued by the next run",
                cause instanceof SQLTransientConnectionException
                    ? "it takes up to four connections at once, so a pool should have five"
                    : "the user needs to own the schema, or CREATE on the database if the schema is missing"),
        e);
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "no message" : message.strip().lines().findFirst().orElse("");
  }
}
