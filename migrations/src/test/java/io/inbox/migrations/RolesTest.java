package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documented scripts, looked at by logins that have one of the roles each and own nothing. */
class RolesTest extends RolesTesting {
  private static final String KEY = "(\"tenant\", \"consumer\", \"source\", \"message_id\")";
  private static final String CLAIM =
      "INSERT INTO \"inbox\".\"message\" "
          + KEY
          + " VALUES ('%s', 'c', '', '%s') ON CONFLICT DO NOTHING";

  @Test
  void theApplicationHandlesAMessageFromClaimToReplay() throws SQLException {
    Sql.run(
        application,
        "INSERT INTO \"inbox\".\"consumer\" (\"consumer\", \"dedupe_window_seconds\") VALUES ('c', 60)",
        "UPDATE \"inbox\".\"consumer\" SET \"dedupe_window_seconds\" = 90, \"updated_at\" = clock_timestamp()",
        "SELECT 1 FROM \"inbox\".\"consumer\" FOR SHARE",
        CLAIM.formatted("", "m"),
        "INSERT INTO \"inbox\".\"result\" (\"tenant\", \"consumer\", \"source\", \"message_id\","
            + " \"result\", \"signature\") VALUES ('', 'c', '', 'm', '', '')",
        "INSERT INTO \"inbox\".\"attempt\" (\"tenant\", \"consumer\", \"source\", \"message_id\","
            + " \"attempts\") VALUES ('', 'c', '', 'm', 1)",
        "UPDATE \"inbox\".\"attempt\" SET \"attempts\" = 2",
        "DELETE FROM \"inbox\".\"attempt\"",
        "INSERT INTO \"inbox\".\"dead_letter\" (\"tenant\", \"consumer\", \"reason\") VALUES ('', 'c', 'FAILED')",
        "UPDATE \"inbox\".\"dead_letter\" SET \"state\" = 'REPLAYED'",
        "UPDATE \"inbox\".\"message\" SET \"state\" = 0, \"handled_at\" = clock_timestamp(), \"fingerprint\" = NULL,"
            + " \"message_time\" = NULL, \"subject\" = NULL, \"correlation_id\" = NULL");

    assertThat(Sql.column(application, "SELECT \"version\" FROM \"inbox\".\"schema_version\""))
        .hasSize(Released.MIGRATIONS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM \"inbox\".\"message\"",
        "UPDATE \"inbox\".\"message\" SET \"message_id\" = 'other'",
        "UPDATE \"inbox\".\"message\" SET \"tenant\" = 'other'",
        "TRUNCATE \"inbox\".\"message\"",
        "DELETE FROM \"inbox\".\"result\"",
        "UPDATE \"inbox\".\"result\" SET \"message_id\" = 'other'",
        "DELETE FROM \"inbox\".\"dead_letter\"",
        "UPDATE \"inbox\".\"consumer\" SET \"purge_horizon\" = now()",
        "DELETE FROM \"inbox\".\"consumer\"",
        "INSERT INTO \"inbox\".\"schema_version\" (\"version\", \"compatible_from\") VALUES (9, 9)",
        "SELECT * FROM \"inbox\".\"flyway_history\"",
        "CREATE TABLE \"inbox\".\"mine\" (\"id\" integer)",
        "DROP TABLE \"inbox\".\"message\"",
        "ALTER TABLE \"inbox\".\"message\" DISABLE ROW LEVEL SECURITY"
      })
  void theApplicationCannotForgetPurgeOrChangeTheSchema(String statement) {
    refused(() -> Sql.run(application, statement));
  }

  @Test
  void theApplicationMayCallMigrateOnASchemaThatIsUpToDate() {
    assertThat(InboxMigrations.on(Postgres18.connectingTo(url, "app_login")).migrate().applied())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"consumer", "message", "result", "attempt", "dead_letter"})
  void theRelayReadsTheSchemaVersionAndNothingElse(String table) throws SQLException {
    assertThat(Sql.column(relay, "SELECT \"version\" FROM \"inbox\".\"schema_version\""))
        .hasSize(Released.MIGRATIONS);
    refused(() -> Sql.run(relay, "SELECT * FROM \"inbox\".\"" + table + "\""));
  }

  @Test
  void theCollectorDeletesAndMovesTheHorizon() throws SQLException {
    Sql.run(application, CLAIM.formatted("", "m"));
    Sql.run(
        collector,
        "DELETE FROM \"inbox\".\"message\" WHERE \"message_id\" = 'm'",
        "DELETE FROM \"inbox\".\"result\" WHERE \"message_id\" = 'm'",
        "DELETE FROM \"inbox\".\"attempt\" WHERE \"message_id\" = 'm'",
        "DELETE FROM \"inbox\".\"dead_letter\" WHERE \"state\" <> 'OPEN'",
        "UPDATE \"inbox\".\"consumer\" SET \"purge_horizon\" = now()");

    assertThat(Sql.column(superuser, "SELECT 1 FROM \"inbox\".\"message\"")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO \"inbox\".\"message\" (message_id, consumer, source, tenant) VALUES ('m', 'c', '', '')",
        "UPDATE \"inbox\".\"message\" SET \"handled_at\" = now()",
        "UPDATE \"inbox\".\"dead_letter\" SET \"state\" = 'DISCARDED'",
        "UPDATE \"inbox\".\"consumer\" SET \"dedupe_window_seconds\" = 1",
        "INSERT INTO \"inbox\".\"consumer\" (\"consumer\", \"dedupe_window_seconds\") VALUES ('x', 1)",
        "DELETE FROM \"inbox\".\"consumer\"",
        "TRUNCATE \"inbox\".\"message\""
      })
  void theCollectorNeitherClaimsNorChangesMessages(String statement) {
    refused(() -> Sql.run(collector, statement));
  }

  @Test
  void theReaderSeesEverythingButPayloadsHeadersAndResults() throws SQLException {
    Sql.run(application, CLAIM.formatted("", "m"));

    assertThat(Sql.column(reader, "SELECT \"message_id\" FROM \"inbox\".\"message\""))
        .containsExactly("m");
    Sql.run(
        reader,
        "SELECT * FROM \"inbox\".\"attempt\"",
        "SELECT * FROM \"inbox\".\"consumer\"",
        "SELECT \"message_id\" FROM \"inbox\".\"result\"",
        "SELECT \"id\", \"error\", \"reason\" FROM \"inbox\".\"dead_letter\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT \"payload\" FROM \"inbox\".\"dead_letter\"",
        "SELECT \"headers\" FROM \"inbox\".\"dead_letter\"",
        "SELECT * FROM \"inbox\".\"dead_letter\"",
        "SELECT \"result\" FROM \"inbox\".\"result\"",
        "SELECT \"signature\" FROM \"inbox\".\"result\"",
        "DELETE FROM \"inbox\".\"dead_letter\"",
        "UPDATE \"inbox\".\"message\" SET \"state\" = 1",
        "INSERT INTO \"inbox\".\"message\" (message_id, consumer, source, tenant) VALUES ('m', 'c', '', '')"
      })
  void theReaderNeitherSeesContentsNorWrites(String statement) {
    refused(() -> Sql.run(reader, statement));
  }

  @Test
  void theOwnerMigratesAndTheScriptsMayRunAgain() throws IOException, SQLException {
    login("owner_login", "inbox_owner").close();

    assertThat(
            InboxMigrations.on(
                    Postgres18.connectingTo(url, "owner_login"), Released.and(Released.NEXT))
                .migrate())
        .isEqualTo(new MigrationResult(Released.LATEST, 901, 1));
    runScript("roles.sql");
    runScript("row-level-security.sql");
    runScript("row-level-security.sql");
  }
}
