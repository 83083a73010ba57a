package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InboxMigrationsTest {
  private static final String LONGEST_PREFIX = "p".repeat(40);

  @ParameterizedTest
  @EnumSource
  void createsTheSchemaOnceAndThenFindsNothingToDo(TestDatabase database) {
    DataSource dataSource = database.fresh();

    assertThat(InboxMigrations.on(dataSource).migrate()).isEqualTo(Released.ALL);
    assertThat(InboxMigrations.on(dataSource).migrate()).isEqualTo(Released.NOTHING_TO_DO);
    assertThat(
            Sql.column(
                dataSource,
                "SELECT \"version\" || '/' || \"compatible_from\" FROM \"inbox\".\"schema_version\" ORDER BY 1"))
        .startsWith("1/1", "2/1")
        .hasSize(Released.MIGRATIONS);
  }

  @ParameterizedTest
  @EnumSource
  void nodesStartingAtOnceAllSucceedAndOneOfThemMigrates(TestDatabase database) throws Exception {
    int nodes = 4;
    ExecutorService threads = Executors.newFixedThreadPool(nodes);
    try {
      for (int round = 0; round < Integer.getInteger("migrations.rounds", 3); round++) {
        InboxMigrations migrations = InboxMigrations.on(database.fresh());
        CyclicBarrier start = new CyclicBarrier(nodes);
        Callable<MigrationResult> node =
            () -> {
              start.await(30, TimeUnit.SECONDS);
              return migrations.migrate();
            };
        int applied = 0;
        for (Future<MigrationResult> result : threads.invokeAll(List.of(node, node, node, node))) {
          assertThat(result.get().toVersion()).isEqualTo(Released.LATEST);
          applied += result.get().applied();
        }
        assertThat(applied).isEqualTo(Released.MIGRATIONS);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void leavesTheApplicationsOwnFlywayHistoryAlone(TestDatabase database) {
    DataSource dataSource = database.fresh();
    Flyway application =
        Flyway.configure()
            .dataSource(dataSource)
            .defaultSchema("app")
            .locations("classpath:application-migrations")
            .load();
    application.migrate();
    String history = "SELECT \"description\" FROM \"app\".\"flyway_schema_history\" ORDER BY 1";
    List<String> before = Sql.column(dataSource, history);

    MigrationResult sameSchema =
        InboxMigrations.on(dataSource).schema("app").prefix("inbox_").migrate();
    MigrationResult ownSchema = InboxMigrations.on(dataSource).migrate();

    assertThat(sameSchema).isEqualTo(Released.ALL);
    assertThat(ownSchema).isEqualTo(Released.ALL);
    assertThat(Sql.column(dataSource, history)).isEqualTo(before).contains("accounts");
    assertThat(application.migrate().migrationsExecuted).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void acceptsTheLongestPrefixAndKeepsEveryNameWhole(TestDatabase database) throws SQLException {
    DataSource dataSource = database.fresh();

    InboxMigrations.on(dataSource).schema("books").prefix(LONGEST_PREFIX).migrate();

    assertThat(LONGEST_PREFIX.length() + Names.LONGEST_OBJECT.length()).isEqualTo(Names.MAX_BYTES);
    assertThat(tables(dataSource, "books"))
        .contains(LONGEST_PREFIX + "schema_version", LONGEST_PREFIX + "flyway_history");
    assertThat(
            Sql.column(
                dataSource,
                "SELECT constraint_name FROM information_schema.table_constraints WHERE"
                    + " table_schema = 'books' AND constraint_type = 'CHECK'"))
        .contains(
            LONGEST_PREFIX + "dead_letter_state_check", LONGEST_PREFIX + "outbox_dead_state_check");
  }

  @ParameterizedTest
  @EnumSource
  void keepsTwoInboxesInOneSchemaApart(TestDatabase database) {
    DataSource dataSource = database.fresh();

    assertThat(InboxMigrations.on(dataSource).prefix("a_").migrate()).isEqualTo(Released.ALL);
    assertThat(InboxMigrations.on(dataSource).prefix("b_").migrate()).isEqualTo(Released.ALL);
  }

  @ParameterizedTest
  @EnumSource
  void acceptsANewerSchemaThatIsCompatibleAndRefusesOneThatIsNot(TestDatabase database) {
    DataSource dataSource = database.fresh();
    InboxMigrations.on(dataSource).migrate();

    Sql.run(
        dataSource,
        "INSERT INTO \"inbox\".\"schema_version\" (\"version\", \"compatible_from\") VALUES (801, 1)");
    assertThat(InboxMigrations.on(dataSource).migrate())
        .isEqualTo(new MigrationResult(801, 801, 0));

    Sql.run(
        dataSource,
        "INSERT INTO \"inbox\".\"schema_version\" (\"version\", \"compatible_from\") VALUES (807, 805)");
    assertThatThrownBy(() -> InboxMigrations.on(dataSource).migrate())
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("IBX-521")
        .hasMessageContaining("is at version 807")
        .hasMessageContaining("knows version 805")
        .hasMessageContaining("this one knows " + Released.LATEST)
        .hasMessageContaining("deploy a newer Inbox");
  }

  @ParameterizedTest
  @EnumSource
  void runsOnlyTheMigrationsThatAreMissing(TestDatabase database) {
    DataSource dataSource = database.fresh();
    InboxMigrations.on(dataSource).migrate();

    assertThat(InboxMigrations.on(dataSource, Released.and(Released.NEXT)).migrate())
        .isEqualTo(new MigrationResult(Released.LATEST, 901, 1));
  }

  @ParameterizedTest
  @EnumSource
  void aFailedMigrationSaysWhyAndSucceedsOnceTheCauseIsGone(TestDatabase database) {
    DataSource dataSource = database.fresh();
    InboxMigrations.on(dataSource).migrate();
    InboxMigrations next = InboxMigrations.on(dataSource, Released.and(Released.OBSTRUCTED));

    assertThatThrownBy(next::migrate)
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("IBX-523")
        .hasMessageContaining("obstacle")
        .hasMessageContaining("Remove the cause");

    Sql.run(dataSource, "CREATE TABLE \"inbox\".\"obstacle\" (\"id\" INTEGER)");
    assertThat(next.migrate()).isEqualTo(new MigrationResult(Released.LATEST, 901, 1));
  }

  @ParameterizedTest
  @EnumSource
  void waitsNoLongerThanToldForANodeThatMigrates(TestDatabase database) throws Exception {
    DataSource dataSource = database.fresh();
    Names names = new Names("inbox", "", Map.of());
    try (MigrationLock held =
        MigrationLock.acquire(dataSource, database.database(), names, Duration.ofSeconds(10))) {
      assertThat(held.connection().isClosed()).isFalse();
      assertThatThrownBy(
              () -> InboxMigrations.on(dataSource).waitAtMost(Duration.ofMillis(50)).migrate())
          .isInstanceOf(MigrationException.class)
          .hasMessageContaining("IBX-522");
    }
    assertThat(InboxMigrations.on(dataSource).migrate()).isEqualTo(Released.ALL);
  }

  @ParameterizedTest
  @EnumSource
  void givesConnectionsBackAsTheyWereAndNeedsAtMostFour(TestDatabase database) throws Exception {
    List<String> wrong = new ArrayList<>();
    CountingDataSource counting = new CountingDataSource(database.fresh(), 5, wrong);

    InboxMigrations.on(counting).migrate();

    assertThat(wrong).isEmpty();
    assertThat(counting.most()).isBetween(2, 4);
    assertThat(counting.open()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void saysThatThePoolIsTooSmallAndMigratesOnceItIsNot(TestDatabase database) {
    DataSource dataSource = database.fresh();

    assertThatThrownBy(
            () ->
                InboxMigrations.on(new CountingDataSource(dataSource, 2, new ArrayList<>()))
                    .migrate())
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith("IBX-523")
        .hasMessageContaining("request timed out")
        .hasMessageContaining("up to four connections at once");
    assertThat(
            InboxMigrations.on(new CountingDataSource(dataSource, 4, new ArrayList<>())).migrate())
        .isEqualTo(Released.ALL);
  }

  @Test
  void refusesANullDataSource() {
    assertThatThrownBy(() -> InboxMigrations.on(null))
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith("IBX-303");
  }

  @Test
  void saysThatTheDatabaseCannotBeReached() {
    DataSource nowhere =
        new UrlDataSource("jdbc:postgresql://localhost:1/none", "nobody", "secret");

    assertThatThrownBy(() -> InboxMigrations.on(nowhere).migrate())
        .isInstanceOf(MigrationException.class)
        .hasMessageStartingWith("IBX-520")
        .hasMessageNotContaining("secret");
  }

  @Test
  void saysWhatAPoolHidesBehindItsTimeout() {
    SQLException refused = new SQLException("FATAL: password authentication failed", "28P01");
    DataSource pool =
        (DataSource)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> {
                  throw new SQLTransientConnectionException(
                      "request timed out", refused.getSQLState(), refused);
                });

    assertThatThrownBy(() -> InboxMigrations.on(pool).migrate())
        .hasMessageStartingWith("IBX-520")
        .hasMessageContaining(
            "request timed out: FATAL: password authentication failed (SQL state 28P01)");
  }

  private static List<String> tables(DataSource dataSource, String schema) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        ResultSet tables = connection.getMetaData().getTables(null, schema, null, null)) {
      List<String> names = new ArrayList<>();
      while (tables.next()) {
        names.add(tables.getString("TABLE_NAME"));
      }
      return names;
    }
  }
}
