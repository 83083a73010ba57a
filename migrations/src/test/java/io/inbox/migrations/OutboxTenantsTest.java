package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The outbox of several tenants behind the policies, each in a transaction of some role. */
class OutboxTenantsTest {
  private static final List<String> APPENDED = List.of("outbox", "outbox_delayed", "outbox_kept");

  @TempDir private Path folder;
  private Connection connection;

  @BeforeEach
  void installPolicies() throws IOException, SQLException {
    DataSource superuser = Postgres18.freshDatabase();
    InboxMigrations.on(superuser).migrate();
    for (Path file : InboxScripts.of(Database.POSTGRESQL).render(folder)) {
      if (!file.getFileName().toString().startsWith("V")) {
        Sql.run(superuser, Files.readString(file));
      }
    }
    connection = superuser.getConnection();
    connection.setAutoCommit(false);
    for (String tenant : List.of("acme", "umbrella")) {
      as("inbox_app", tenant);
      for (String table : APPENDED) {
        Sql.run(connection, insert(table, tenant));
      }
      connection.commit();
    }
  }

  @AfterEach
  void close() throws SQLException {
    connection.rollback();
    connection.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"outbox", "outbox_delayed", "outbox_kept"})
  void theApplicationAppendsForItsOwnTenantOnly(String table) throws SQLException {
    as("inbox_app", "acme");
    refused(insert(table, "umbrella"));
    refused(insert(table, ""));

    Sql.run(connection, "DELETE FROM \"inbox\".\"outbox_kept\"", insert(table, "acme"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"outbox", "outbox_delayed", "outbox_kept"})
  void withoutATenantNothingIsAppended(String table) throws SQLException {
    as("inbox_app", null);
    refused(insert(table, "acme"));
    refused(insert(table, ""));
  }

  @Test
  void theApplicationSeesAndReplacesTheCopiesOfItsOwnTenantOnly() throws SQLException {
    as("inbox_app", "acme");
    assertThat(tenants("outbox_kept")).containsExactly("acme");
    Sql.run(connection, "DELETE FROM \"inbox\".\"outbox_kept\"");
    connection.commit();

    as("inbox_app", null);
    assertThat(tenants("outbox_kept")).isEmpty();
    as("inbox_reader", null);
    assertThat(tenants("outbox_kept")).containsExactly("umbrella");
  }

  @Test
  void theRelayServesEveryTenant() throws SQLException {
    as("inbox_relay", null);
    String columns =
        "\"slot\", \"message_id\", \"tenant\", \"topic\", \"payload\", \"appended_at\"";
    Sql.run(
        connection,
        "INSERT INTO \"inbox\".\"outbox\" (%1$s) SELECT %1$s FROM \"inbox\".\"outbox_delayed\""
            .formatted(columns),
        "DELETE FROM \"inbox\".\"outbox_delayed\"",
        ("INSERT INTO \"inbox\".\"outbox_parked\" (\"lane\", \"id\", %1$s) SELECT \"tenant\", \"id\", %1$s"
                + " FROM \"inbox\".\"outbox\"")
            .formatted(columns),
        "INSERT INTO \"inbox\".\"outbox_blocked\" (\"slot\", \"lane\", \"tenant\", \"topic\", \"attempts\","
            + " \"next_attempt_at\") SELECT DISTINCT 0, \"lane\", \"tenant\", \"topic\", 1, now()"
            + " FROM \"inbox\".\"outbox_parked\"",
        "UPDATE \"inbox\".\"outbox_blocked\" SET \"attempts\" = 2",
        "INSERT INTO \"inbox\".\"outbox_dead_letter\" (\"message_id\", \"tenant\", \"topic\","
            + " \"appended_at\", \"reason\", \"attempts\") SELECT \"message_id\", \"tenant\", \"topic\","
            + " \"appended_at\", 'r', 1 FROM \"inbox\".\"outbox\"",
        "UPDATE \"inbox\".\"outbox_dead_letter\" SET \"state\" = 'DISCARDED'");

    for (String table : List.of("outbox", "outbox_parked", "outbox_dead_letter")) {
      assertThat(tenants(table)).containsExactlyInAnyOrder("acme", "acme", "umbrella", "umbrella");
    }
    assertThat(tenants("outbox_blocked")).containsExactlyInAnyOrder("acme", "umbrella");
    Sql.run(
        connection,
        "DELETE FROM \"inbox\".\"outbox\"",
        "DELETE FROM \"inbox\".\"outbox_parked\"",
        "DELETE FROM \"inbox\".\"outbox_blocked\"");
    assertThat(tenants("outbox")).isEmpty();
    connection.commit();

    as("inbox_reader", null);
    assertThat(tenants("outbox_dead_letter")).hasSize(4);
    as("inbox_collector", null);
    Sql.run(
        connection,
        "DELETE FROM \"inbox\".\"outbox_dead_letter\" WHERE \"state\" <> 'OPEN'",
        "DELETE FROM \"inbox\".\"outbox_kept\" WHERE \"appended_at\" <= now()");
    assertThat(tenants("outbox_dead_letter")).isEmpty();
    assertThat(tenants("outbox_kept")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"outbox", "outbox_delayed", "outbox_kept"})
  void theOwnerIsHeldBackAndTheReaderIsNot(String table) throws SQLException {
    as("inbox_owner", "acme");
    assertThat(tenants(table)).isEmpty();

    as("inbox_reader", null);
    assertThat(tenants(table)).containsExactlyInAnyOrder("acme", "umbrella");
  }

  /** A table that a later migration adds must not be forgotten. */
  @Test
  void everyTableWithATenantIsForcedBehindPolicies() throws SQLException {
    connection.rollback();
    assertThat(
            Sql.column(
                connection,
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                    + " WHERE c.relnamespace = 'inbox'::regnamespace AND c.relkind = 'r' AND a.attname = 'tenant'"
                    + " AND NOT (c.relrowsecurity AND c.relforcerowsecurity)"))
        .isEmpty();
  }

  /** Begins a transaction as this role, and for this tenant unless it is null. */
  private void as(String role, String tenant) throws SQLException {
    connection.rollback();
    Sql.run(connection, "SET LOCAL ROLE " + role);
    if (tenant != null) {
      Sql.run(connection, "SELECT set_config('inbox.tenant', '" + tenant + "', true)");
    }
  }

  private void refused(String statement) throws SQLException {
    Sql.run(connection, "SAVEPOINT before");
    assertThatThrownBy(() -> Sql.run(connection, statement))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("row-level security");
    Sql.run(connection, "ROLLBACK TO SAVEPOINT before");
  }

  private List<String> tenants(String table) throws SQLException {
    return Sql.column(connection, "SELECT \"tenant\" FROM \"inbox\".\"%s\"".formatted(table));
  }

  private static String insert(String table, String tenant) {
    String more =
        switch (table) {
          case "outbox" -> "\"slot\"";
          case "outbox_delayed" -> "\"slot\", \"due_at\"";
          default -> "\"consumer\", \"source\", \"handled_id\", \"position\", \"message_tenant\"";
        };
    String values =
        switch (table) {
          case "outbox" -> "0";
          case "outbox_delayed" -> "0, now()";
          default -> "'c', '', 'm', 1, 'x'";
        };
    return "INSERT INTO \"inbox\".\"%s\" (\"tenant\", \"message_id\", \"topic\", %s) VALUES ('%s', gen_random_uuid(), 't', %s)"
        .formatted(table, more, tenant, values);
  }
}
