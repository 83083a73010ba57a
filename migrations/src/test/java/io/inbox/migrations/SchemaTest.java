package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SchemaTest {
  private static final List<String> TABLES =
      List.of(
          "schema_version",
          "consumer",
          "message",
          "result",
          "attempt",
          "dead_letter",
          "outbox",
          "outbox_slot",
          "outbox_relay",
          "outbox_delayed",
          "outbox_blocked",
          "outbox_parked",
          "outbox_dead_letter",
          "outbox_kept",
          "job",
          "retention",
          "hold",
          "finding",
          "repair",
          "watermark");
  private static final String FINDING =
      "INSERT INTO \"inbox\".\"finding\" (\"digest\", \"check_name\", \"kind\", \"severity\","
          + " \"cause\", \"item\") VALUES ('%s', 'c', 'k', '%s', 'c', 'i')";

  @ParameterizedTest
  @EnumSource
  void messageHasExactlyOneIndex(TestDatabase database) throws SQLException {
    DataSource dataSource = migrated(database);

    try (Connection connection = dataSource.getConnection();
        ResultSet rows =
            connection.getMetaData().getIndexInfo(null, "inbox", "message", false, true)) {
      Map<String, String> indexes = new TreeMap<>();
      while (rows.next()) {
        if (rows.getString("INDEX_NAME") != null) {
          assertThat(rows.getBoolean("NON_UNIQUE")).isFalse();
          indexes.merge(
              rows.getString("INDEX_NAME"), rows.getString("COLUMN_NAME"), (a, b) -> a + "," + b);
        }
      }
      assertThat(indexes.values()).containsExactly("message_id,consumer,source,tenant");
    }
  }

  @Test
  void everyDatabaseHasTheSameTablesAndColumns() throws SQLException {
    String onPostgres = columns(migrated(TestDatabase.POSTGRESQL_18));

    assertThat(columns(migrated(TestDatabase.H2_REGULAR))).isEqualTo(onPostgres);
    assertThat(columns(migrated(TestDatabase.H2_POSTGRESQL_MODE))).isEqualTo(onPostgres);
    assertThat(onPostgres).contains("message.message_id NOT NULL", "dead_letter.payload");
  }

  @ParameterizedTest
  @EnumSource
  void defaultsFillInWhatAClaimLeavesOut(TestDatabase database) {
    DataSource dataSource = migrated(database);

    Sql.run(
        dataSource,
        "INSERT INTO \"inbox\".\"message\" (\"tenant\", \"consumer\", \"source\", \"message_id\") VALUES ('', 'c', '', 'm')",
        "INSERT INTO \"inbox\".\"dead_letter\" (\"tenant\", \"consumer\", \"reason\") VALUES ('', 'c', 'NO_ID')",
        "INSERT INTO \"inbox\".\"dead_letter\" (\"tenant\", \"consumer\", \"reason\") VALUES ('', 'c', 'NO_ID')");

    assertThat(
            Sql.column(
                dataSource,
                "SELECT \"state\" FROM \"inbox\".\"message\" WHERE \"handled_at\" IS NOT NULL"))
        .containsExactly("0");
    assertThat(
            Sql.column(
                dataSource,
                "SELECT \"state\" || \"attempts\" || \"deliveries\" FROM \"inbox\".\"dead_letter\""))
        .containsExactly("OPEN01", "OPEN01");
    assertThatThrownBy(
            () -> Sql.run(dataSource, "UPDATE \"inbox\".\"dead_letter\" SET \"state\" = 'LOST'"))
        .hasMessageContaining("dead_letter_state_check");
  }

  @ParameterizedTest
  @EnumSource
  void storesPayloadsOfManyMegabytes(TestDatabase database) throws SQLException {
    DataSource dataSource = migrated(database);
    byte[] payload = new byte[5_000_000];

    try (Connection connection = dataSource.getConnection();
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO \"inbox\".\"dead_letter\" (\"tenant\", \"consumer\", \"reason\", \"payload\")"
                    + " VALUES ('', 'c', 'MISMATCH', ?)")) {
      insert.setBytes(1, payload);
      insert.executeUpdate();
    }

    assertThat(
            Sql.column(
                dataSource, "SELECT OCTET_LENGTH(\"payload\") FROM \"inbox\".\"dead_letter\""))
        .containsExactly("5000000");
  }

  @Test
  void keyColumnsOnPostgresCompareAsBytes() {
    DataSource dataSource = migrated(TestDatabase.POSTGRESQL_18);

    assertThat(
            Sql.column(
                dataSource,
                "SELECT DISTINCT collation_name FROM information_schema.columns WHERE table_schema ="
                    + " 'inbox' AND table_name <> 'flyway_history' AND data_type = 'text' AND"
                    + " column_name IN ('tenant', 'consumer', 'source', 'message_id', 'subject',"
                    + " 'topic', 'key', 'lane', 'owner', 'relay', 'handled_id', 'message_tenant', 'job',"
                    + " 'item')"))
        .containsExactly("C");
  }

  /** Each padding byte would be written, logged and read once for every message. */
  @Test
  void rowsOfMessagesAreNotPadded() {
    assertThat(
            Sql.column(
                migrated(TestDatabase.POSTGRESQL_18),
                """
                SELECT c.relname || '.' || a.attname FROM (
                  SELECT *, lag(place) OVER (PARTITION BY attrelid ORDER BY attnum) AS before FROM (
                    SELECT *, CASE WHEN attlen < 0 THEN 5 ELSE position(attalign IN 'disc') END AS place
                    FROM pg_attribute WHERE attnum > 0) p) a
                JOIN pg_class c ON c.oid = a.attrelid
                WHERE c.relnamespace = 'inbox'::regnamespace AND a.before > a.place
                  AND c.relname IN ('message', 'result', 'outbox', 'outbox_delayed', 'outbox_kept')"""))
        .isEmpty();
  }

  /** PostgreSQL shortens the names it makes up itself, and keeps them apart. */
  @Test
  void theSequencesOfIdentitiesAreFoundAndNotCachedWhateverThePrefix() {
    DataSource dataSource = Postgres18.freshDatabase();
    String prefix = "p".repeat(40);
    InboxMigrations.on(dataSource).prefix(prefix).migrate();

    assertThat(
            Sql.column(
                dataSource,
                "SELECT s.seqcache FROM unnest(ARRAY['dead_letter', 'outbox', 'outbox_delayed',"
                    + " 'outbox_dead_letter', 'hold', 'finding', 'repair']) AS t (name) JOIN pg_sequence s ON s.seqrelid ="
                    + " pg_get_serial_sequence('\"inbox\".\""
                    + prefix
                    + "' || t.name || '\"', 'id')::regclass"))
        .containsExactly("1", "1", "1", "1", "1", "1", "1");
  }

  @ParameterizedTest
  @EnumSource
  void theOutboxNumbersWhatIsAppendedAndFillsInTheRest(TestDatabase database) {
    DataSource dataSource = migrated(database);

    for (int i = 0; i < 40; i++) { // more than a sequence of H2 caches
      Sql.run(
          dataSource,
          "INSERT INTO \"inbox\".\"outbox\" (\"slot\", \"message_id\", \"tenant\", \"topic\")"
              + " VALUES (0, '018f0000-0000-7000-8000-000000000000', '', 't')");
    }

    assertThat(
            Sql.column(
                dataSource,
                "SELECT MAX(\"id\") - MIN(\"id\") FROM \"inbox\".\"outbox\" WHERE \"headers\" = ''"
                    + " AND \"payload\" IS NULL AND \"appended_at\" IS NOT NULL"))
        .containsExactly("39");
    Sql.run(
        dataSource,
        "INSERT INTO \"inbox\".\"outbox_dead_letter\" (\"message_id\", \"tenant\", \"topic\","
            + " \"appended_at\", \"reason\", \"attempts\") VALUES"
            + " ('018f0000-0000-7000-8000-000000000000', '', 't', CURRENT_TIMESTAMP, 'r', 1)");
    assertThatThrownBy(
            () ->
                Sql.run(
                    dataSource, "UPDATE \"inbox\".\"outbox_dead_letter\" SET \"state\" = 'LOST'"))
        .hasMessageContaining("outbox_dead_state_check");
  }

  @ParameterizedTest
  @EnumSource
  void jobsRetentionAndFindingsTakeOnlyWhatTheirWordsMean(TestDatabase database) {
    DataSource dataSource = migrated(database);

    Sql.run(
        dataSource,
        "INSERT INTO \"inbox\".\"job\" (\"job\") VALUES ('gc')",
        "UPDATE \"inbox\".\"job\" SET \"outcome\" = 'INCOMPLETE', \"every_seconds\" = 60",
        "INSERT INTO \"inbox\".\"retention\" (\"consumer\", \"scope\", \"keep_seconds\") VALUES ('', 'CONSUMER', 1)",
        "INSERT INTO \"inbox\".\"retention\" (\"consumer\", \"scope\", \"keep_seconds\") VALUES ('', 'TENANT', 1)",
        "INSERT INTO \"inbox\".\"retention\" (\"consumer\", \"scope\", \"tenant\", \"keep_seconds\")"
            + " VALUES ('', 'TENANT', 'acme', 1)",
        FINDING.formatted("01", "ERROR"),
        FINDING.formatted("02", "WARNING"));

    refuses(dataSource, "job_outcome_check", "UPDATE \"inbox\".\"job\" SET \"outcome\" = 'MAYBE'");
    refuses(dataSource, "job_every_check", "UPDATE \"inbox\".\"job\" SET \"every_seconds\" = 0");
    refuses(
        dataSource,
        "retention_scope_check",
        "UPDATE \"inbox\".\"retention\" SET \"tenant\" = 'acme' WHERE \"scope\" = 'CONSUMER'");
    refuses(
        dataSource,
        "retention_scope_check",
        "UPDATE \"inbox\".\"retention\" SET \"scope\" = 'ALL'");
    refuses(
        dataSource,
        "retention_keep_check",
        "UPDATE \"inbox\".\"retention\" SET \"keep_seconds\" = 0");
    refuses(dataSource, "finding_severity_check", FINDING.formatted("03", "HINT"));
    refuses(dataSource, "finding_digest_key", FINDING.formatted("01", "ERROR"));
  }

  private static void refuses(DataSource dataSource, String constraint, String statement) {
    assertThatThrownBy(() -> Sql.run(dataSource, statement)).hasMessageContaining(constraint);
  }

  @Test
  void aHostileSearchPathChangesNothing() throws SQLException {
    DataSource dataSource = Postgres18.freshDatabase();
    Sql.run(
        dataSource,
        "CREATE SCHEMA shadow",
        "CREATE TABLE shadow.schema_version (version int, compatible_from int)",
        "INSERT INTO shadow.schema_version VALUES (99, 99)",
        "ALTER ROLE postgres IN DATABASE "
            + Sql.column(dataSource, "SELECT current_database()").get(0)
            + " SET search_path = shadow, public");

    assertThat(InboxMigrations.on(dataSource).migrate()).isEqualTo(Released.ALL);
    assertThat(Sql.column(dataSource, "SELECT count(*) FROM pg_tables WHERE schemaname = 'shadow'"))
        .containsExactly("1");
  }

  private static DataSource migrated(TestDatabase database) {
    DataSource dataSource = database.fresh();
    InboxMigrations.on(dataSource).migrate();
    return dataSource;
  }

  private static String columns(DataSource dataSource) throws SQLException {
    TreeSet<String> columns = new TreeSet<>();
    try (Connection connection = dataSource.getConnection()) {
      for (String table : TABLES) {
        try (ResultSet rows = connection.getMetaData().getColumns(null, "inbox", table, null)) {
          while (rows.next()) {
            boolean nullable = rows.getInt("NULLABLE") == DatabaseMetaData.columnNullable;
            columns.add(
                rows.getString("TABLE_NAME")
                    + "."
                    + rows.getString("COLUMN_NAME")
                    + (nullable ? "" : " NOT NULL"));
          }
        }
      }
    }
    return String.join("\n", columns);
  }
}
