package io.inbox.reconciler;

import static io.inbox.reconciler.Rows.DAY;
import static io.inbox.reconciler.Rows.OLD;
import static io.inbox.reconciler.Rows.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InboxException;
import io.inbox.error.SchemaException;
import io.inbox.migrations.Database;
import io.inbox.migrations.InboxScripts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The collector and those who decide what it keeps, by logins with one of the roles each. */
class CollectorAsRoleTest {
  private static final List<String> ROLES =
      List.of("collector", "operator", "reader", "owner", "app", "relay", "reconciler");

  @TempDir private Path folder;
  private Fixture database;

  @BeforeEach
  void createRoles() throws Exception {
    database = Platform.POSTGRESQL_18.fresh();
    InboxScripts.of(Database.POSTGRESQL).render(folder);
    database.execute(Files.readString(folder.resolve("roles.sql")));
    for (String role : ROLES) {
      database.execute("CREATE ROLE gc_%1$s LOGIN IN ROLE inbox_%1$s".formatted(role));
    }
  }

  @AfterEach
  void dropRoles() throws SQLException {
    for (String role : ROLES) {
      database.execute("DROP ROLE gc_" + role);
    }
    database.close();
  }

  private void separateTenants() throws Exception {
    database.execute(Files.readString(folder.resolve("row-level-security.sql")));
  }

  private HikariDataSource as(String role) {
    return Platform.pool(database.url.replace("user=postgres", "user=gc_" + role), 2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theRolesAreEnoughToCollectForEveryTenantAndToDecide(boolean rowLevelSecurity)
      throws Exception {
    Rows rows = new Rows(database);
    rows.consumer("c", WINDOW).message("acme", "c", "1", OLD).message("umbrella", "c", "2", OLD);
    rows.message("acme", "c", "3", DAY).result("4").message("", "c", "4", OLD).kept("4", 1);
    rows.attempt("gone", OLD).letter("acme", "c", "5", OLD.multipliedBy(10));
    rows.outboxLetter("acme", "t", OLD.multipliedBy(10)).finding("f", OLD.multipliedBy(10));
    if (rowLevelSecurity) {
      separateTenants();
    }
    try (HikariDataSource people = as("operator");
        HikariDataSource sweeper = as("collector")) {
      Holds holds = Holds.open(database.store, people);
      Hold hold = holds.place(Hold.Scope.ofTenant("umbrella"), "law suit", "me");
      Retention retention = Retention.open(database.store, people);
      Retention.Rule rule = Retention.Rule.ofTenant("acme", OLD);
      retention.keep(rule);
      Collector collector = Collector.builder(database.store, sweeper).build();

      CollectorReport preview = collector.preview();
      CollectorReport report = CollectorTest.run(collector);

      assertThat(rows.messages()).containsExactly("1", "2", "3");
      assertThat(report.total()).isEqualTo(preview.total()).isEqualTo(7);
      assertThat(retention.forget(rule)).isTrue();
      assertThat(holds.release(hold.id())).isTrue();
      CollectorTest.run(collector);
      assertThat(rows.messages()).containsExactly("3");
      assertThat(holds.listAll()).hasSize(1);
    }
  }

  @Test
  void theOwnerFromWhomPoliciesHideEveryRowIsRefused() throws Exception {
    new Rows(database).consumer("c", WINDOW).message("old", OLD);
    separateTenants();
    try (HikariDataSource owner = as("owner")) {
      assertThatThrownBy(() -> Collector.builder(database.store, owner).build())
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("IBX-510")
          .hasMessageContaining("collector's role");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reader", "relay", "operator", "reconciler"})
  void whoMayNotCollectIsToldSoAndNothingGoes(String role) throws Exception {
    Rows rows = new Rows(database);
    rows.consumer("c", WINDOW).message("old", OLD);
    try (HikariDataSource login = as(role)) {
      assertThatThrownBy(() -> Collector.builder(database.store, login).build().run())
          .isInstanceOf(SchemaException.class)
          .hasMessageStartingWith("IBX-513")
          .hasMessageContaining("grant this login the role");
    }
    assertThat(rows.messages()).containsExactly("old");
  }

  @Test
  void theCollectorMayNotDecideWhatItKeeps() {
    try (HikariDataSource sweeper = as("collector")) {
      assertThatThrownBy(
              () ->
                  Holds.open(database.store, sweeper)
                      .place(Hold.Scope.ofEverything(), "none of its business", "me"))
          .isInstanceOf(InboxException.class)
          .hasMessageStartingWith("IBX-513");
    }
  }
}
