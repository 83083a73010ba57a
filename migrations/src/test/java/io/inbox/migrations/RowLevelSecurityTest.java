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

/** Tenants behind the policies, each in a transaction of the application's role. */
class RowLevelSecurityTest {
  private static final List<String> TABLES = List.of("message", "result", "attempt", "dead_letter");

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
      for (String table : TABLES) {
        as("inbox_app", tenant);
        Sql.run(connection, insert(table, tenant));
        connection.commit();
      }
    }
  }

  @AfterEach
  void close() throws SQLException {
    connection.rollback();
    connection.close();
  }

  @Test
  void oneKeyInTwoTenantsIsTwoMessages() throws SQLException {
    as("inbox_reader", null);

    assertThat(Sql.column(connection, "SELECT \"tenant\" FROM \"inbox\".\"message\" ORDER BY 1"))
        .containsExactly("acme", "umbrella");
  }

  @ParameterizedTest
  @ValueSource(strings = {"message", "result", "attempt", "dead_letter"})
  void theApplicationSeesOneTenantOnly(String table) throws SQLException {
    as("inbox_app", "acme");
    assertThat(tenants(table)).containsExactly("acme");

    as("inbox_app", "nobody");
    assertThat(tenants(table)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"message", "result", "attempt", "dead_letter"})
  void withoutATenantTheApplicationSeesAndWritesNothing(String table) throws SQLException {
    as("inbox_app", null);
    assertThat(tenants(table)).isEmpty();
    refused(insert(table, "third"));

    // What a transaction with a tenant leaves behind in its session is '', not null.
    as("inbox_app", "acme");
    as("inbox_app", null);
    assertThat(Sql.column(connection, "SELECT current_setting('inbox.tenant', true)"))
        .containsExactly("");
    assertThat(tenants(table)).isEmpty();
    refused(insert(table, ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"message", "result", "attempt", "dead_letter"})
  void theApplicationCannotWriteForAnotherTenant(String table) throws SQLException {
    as("inbox_app", "acme");
    refused(insert(table, "third"));
  }

  @Test
  void theApplicationCannotTouchOrMoveRowsOfAnotherTenant() throws SQLException {
    as("inbox_app", "acme");
    Sql.run(
        connection,
        "UPDATE \"inbox\".\"attempt\" SET \"attempts\" = 99 WHERE \"tenant\" = 'umbrella'",
        "DELETE FROM \"inbox\".\"attempt\" WHERE \"tenant\" = 'umbrella'");
    refused("UPDATE \"inbox\".\"dead_letter\" SET \"tenant\" = 'umbrella'");

    as("inbox_reader", null);
    assertThat(
            Sql.column(
                connection,
                "SELECT \"attempts\" FROM \"inbox\".\"attempt\" WHERE \"tenant\" = 'umbrella'"))
        .containsExactly("1");
  }

  @Test
  void aClaimThatMeetsItsOwnTenantsRowIsADuplicate() throws SQLException {
    as("inbox_app", "acme");

    Sql.run(connection, insert("message", "acme") + " ON CONFLICT DO NOTHING");

    assertThat(tenants("message")).containsExactly("acme");
  }

  @ParameterizedTest
  @ValueSource(strings = {"message", "result", "attempt", "dead_letter"})
  void theCollectorDeletesForAllTenantsAndTheReaderSeesThem(String table) throws SQLException {
    as("inbox_reader", null);
    assertThat(tenants(table)).containsExactlyInAnyOrder("acme", "umbrella");

    as("inbox_collector", null);
    Sql.run(connection, "DELETE FROM \"inbox\".\"%s\" WHERE \"consumer\" = 'c'".formatted(table));
    assertThat(tenants(table)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"message", "result", "attempt", "dead_letter"})
  void theOwnerIsHeldBackToo(String table) throws SQLException {
    as("inbox_owner", "acme");

    assertThat(tenants(table)).isEmpty();
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
          case "message" -> "";
          case "result" -> ", \"result\", \"signature\"";
          case "attempt" -> ", \"attempts\"";
          default -> ", \"reason\"";
        };
    String values =
        switch (table) {
          case "message" -> "";
          case "result" -> ", '', ''";
          default -> ", '1'";
        };
    return "INSERT INTO \"inbox\".\"%s\" (\"tenant\", \"consumer\", \"source\", \"message_id\"%s) VALUES ('%s', 'c', '', 'm'%s)"
        .formatted(table, more, tenant, values);
  }
}
