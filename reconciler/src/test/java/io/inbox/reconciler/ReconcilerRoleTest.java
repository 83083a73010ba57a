package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.migrations.Database;
import io.inbox.migrations.InboxScripts;
import io.inbox.postgres.PostgresStore;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rights of {@code inbox_reconciler} are enough, also behind row-level security. */
@Timeout(300)
final class ReconcilerRoleTest {
  @TempDir private Path folder;
  private PostgresServer server;
  private Ledger ledger;
  private Instant hourAgo;

  @BeforeEach
  void prepare() throws Exception {
    server = PostgresServer.shared(PostgresServer.NEWEST);
    ledger = Ledger.on(server);
    hourAgo = ledger.now().minus(Duration.ofHours(1));
    InboxScripts.of(Database.POSTGRESQL).render(folder);
    ledger.execute(Files.readString(folder.resolve("roles.sql")));
    ledger.execute(Files.readString(folder.resolve("row-level-security.sql")));
    ledger.handled("acme", "", "lost", null, hourAgo);
    ledger.handled("other", "", "kept", null, hourAgo);
    ledger.booked("kept", hourAgo);
  }

  @AfterEach
  void close() {
    ledger.close();
  }

  private HikariDataSource login(String role) throws Exception {
    String name = role + "_of_" + ledger.name();
    ledger.execute("CREATE ROLE " + name + " LOGIN IN ROLE " + role);
    ledger.execute("GRANT SELECT ON payment TO " + name);
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(
        "jdbc:postgresql://localhost:" + server.port() + "/" + ledger.name() + "?user=" + name);
    config.setMaximumPoolSize(5);
    config.setMinimumIdle(0);
    return new HikariDataSource(config);
  }

  private static Reconciler.Builder reconciler(HikariDataSource pool) {
    return Reconciler.builder(PostgresStore.create(), pool)
        .check(
            PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(Ledger.BY_ID))
                .build());
  }

  @Test
  void isEnough() throws Exception {
    try (HikariDataSource pool = login("inbox_reconciler")) {
      for (int i = 0; i < 2; i++) {
        ReconcileReport report = Ledger.done(reconciler(pool).build().run());
        assertThat(report.checks()).allSatisfy(it -> assertThat(it.failure()).isEmpty());
      }
      assertThat(ledger.open("payments")).containsExactly("HANDLED_WITHOUT_EFFECT lost");
      ledger.booked("lost", hourAgo);
      ReconcileReport mended = Ledger.done(reconciler(pool).build().run());
      assertThat(mended.checks()).extracting(CheckReport::resolved).contains(1L);
      assertThat(ledger.open("payments")).isEmpty();
    }
  }

  @Test
  void isToldFromOneThatSeesNoRows() throws Exception {
    // Its policy is gone, its rights are not.
    ledger.execute("DROP POLICY inbox_reconciler ON inbox.message");
    try (HikariDataSource pool = login("inbox_reconciler")) {
      ReconcileReport report = Ledger.done(reconciler(pool).withoutBuiltInChecks().build().run());
      assertThat(report.checks().get(0).failure())
          .hasValueSatisfying(
              it -> assertThat(it).startsWith("IBX-510: row-level security hides rows"));
    }
    assertThat(ledger.open("payments")).isEmpty();
  }

  @Test
  void isNotThatOfAStoreThatNamesATenant() {
    assertThatThrownBy(
            () ->
                Reconciler.builder(
                        PostgresStore.builder().rowLevelSecurity(true).build(), ledger.pool())
                    .build())
        .hasMessageStartingWith("IBX-610: the store names a tenant");
  }
}
