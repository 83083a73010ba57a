package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Holds, retention, findings and repairs of several tenants behind the policies. */
class JobsTenantsTest {
  private static final List<String> TENANTS = List.of("acme", "umbrella");
  private static final String HOLD =
      "INSERT INTO \"inbox\".\"hold\" (\"tenant\", \"reason\", \"placed_by\") VALUES ('%s', 'r', 'me')";
  private static final String RETENTION =
      "INSERT INTO \"inbox\".\"retention\" (\"consumer\", \"scope\", \"tenant\", \"keep_seconds\")"
          + " VALUES ('c', 'TENANT', '%s', 60)";
  private static final String FINDING =
      "INSERT INTO \"inbox\".\"finding\" (\"tenant\", \"digest\", \"check_name\", \"kind\", \"severity\","
          + " \"cause\", \"item\") VALUES ('%1$s', '%1$s', 'c', 'k', 'ERROR', 'c', 'i')";
  private static final String REPAIR =
      "INSERT INTO \"inbox\".\"repair\" (\"tenant\", \"action\", \"item\", \"reason\", \"done_by\")"
          + " VALUES ('%s', 'a', 'i', 'r', 'me')";

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
    for (String tenant : TENANTS) {
      as("inbox_operator");
      Sql.run(connection, HOLD.formatted(tenant), RETENTION.formatted(tenant));
      Sql.run(connection, REPAIR.formatted(tenant));
      connection.commit();
      as("inbox_reconciler");
      Sql.run(connection, FINDING.formatted(tenant));
      connection.commit();
    }
  }

  @AfterEach
  void close() throws SQLException {
    connection.rollback();
    connection.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"hold", "retention", "finding", "repair"})
  void reconcilerOperatorAndReaderServeEveryTenantAndTheOwnerIsHeldBack(String table)
      throws SQLException {
    for (String role : List.of("inbox_reconciler", "inbox_operator", "inbox_reader")) {
      as(role);
      assertThat(tenants(table)).as(role).containsExactlyInAnyOrderElementsOf(TENANTS);
    }
    as("inbox_owner");
    assertThat(tenants(table)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"message", "result", "attempt", "dead_letter", "outbox_kept"})
  void theReconcilerSeesTheInboxOfEveryTenant(String table) throws SQLException {
    as("inbox_reconciler");
    assertThat(tenants(table)).isEmpty();
    connection.rollback();
    String more =
        switch (table) {
          case "message" -> "";
          case "result" -> ", \"result\", \"signature\"";
          case "attempt" -> ", \"attempts\"";
          case "dead_letter" -> ", \"reason\"";
          default -> ", \"position\", \"message_id\", \"message_tenant\", \"topic\"";
        };
    String values =
        switch (table) {
          case "message" -> "";
          case "result" -> ", '', ''";
          case "outbox_kept" -> ", 1, gen_random_uuid(), 'x', 't'";
          default -> ", '1'";
        };
    String id = table.equals("outbox_kept") ? "handled_id" : "message_id";
    for (String tenant : TENANTS) {
      as("inbox_app");
      Sql.run(
          connection,
          "SELECT set_config('inbox.tenant', '%s', true)".formatted(tenant),
          "INSERT INTO \"inbox\".\"%s\" (\"tenant\", \"consumer\", \"source\", \"%s\"%s) VALUES ('%s', 'c', '', 'm'%s)"
              .formatted(table, id, more, tenant, values));
      connection.commit();
    }
    as("inbox_reconciler");
    assertThat(tenants(table)).containsExactlyInAnyOrderElementsOf(TENANTS);
  }

  @Test
  void theCollectorSeesEveryHoldAndDeletesTheFindingsOfEveryTenant() throws SQLException {
    as("inbox_collector");
    assertThat(tenants("hold")).hasSize(2);
    assertThat(tenants("retention")).hasSize(2);

    Sql.run(connection, "DELETE FROM \"inbox\".\"finding\" WHERE \"id\" > 0");

    assertThat(tenants("finding")).isEmpty();
  }

  @Test
  void theOperatorReleasesTheHoldsOfEveryTenant() throws SQLException {
    as("inbox_operator");

    Sql.run(
        connection,
        "UPDATE \"inbox\".\"hold\" SET \"until\" = now()",
        "DELETE FROM \"inbox\".\"hold\"",
        "DELETE FROM \"inbox\".\"retention\"",
        "UPDATE \"inbox\".\"finding\" SET \"resolved_at\" = now() WHERE \"tenant\" = 'acme'");

    assertThat(tenants("hold")).isEmpty();
    assertThat(tenants("retention")).isEmpty();
  }

  private void as(String role) throws SQLException {
    connection.rollback();
    Sql.run(connection, "SET LOCAL ROLE " + role);
  }

  private List<String> tenants(String table) throws SQLException {
    return Sql.column(connection, "SELECT \"tenant\" FROM \"inbox\".\"%s\"".formatted(table));
  }
}
