package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InboxScriptsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void aSchemaMadeFromTheScriptsIsRecognised(TestDatabase database) throws IOException {
    DataSource dataSource = database.fresh();
    runScripts(dataSource, database.database());

    InboxMigrations migrations = InboxMigrations.on(dataSource).schema("books").prefix("in_");

    assertThat(migrations.migrate()).isEqualTo(Released.NOTHING_TO_DO);
  }

  @ParameterizedTest
  @EnumSource
  void aSchemaMadeFromTheScriptsIsMigratedFurther(TestDatabase database) throws IOException {
    DataSource dataSource = database.fresh();
    runScripts(dataSource, database.database());

    InboxMigrations next =
        InboxMigrations.on(dataSource, Released.and(Released.NEXT)).schema("books").prefix("in_");
    assertThat(next.migrate()).isEqualTo(new MigrationResult(Released.LATEST, 901, 1));
    assertThat(next.migrate()).isEqualTo(new MigrationResult(901, 901, 0));
  }

  @ParameterizedTest
  @EnumSource
  void aScriptRunByHandAfterTheRunnerIsRecognisedToo(TestDatabase database) {
    DataSource dataSource = database.fresh();
    InboxMigrations.on(dataSource).schema("books").prefix("in_").migrate();
    Sql.run(
        dataSource,
        "CREATE TABLE \"books\".\"in_next\" (\"id\" INTEGER)",
        "INSERT INTO \"books\".\"in_schema_version\" (\"version\", \"compatible_from\") VALUES (901, 1)");

    Catalog both = Released.and(Released.NEXT, Released.AFTER);
    assertThat(InboxMigrations.on(dataSource, both).schema("books").prefix("in_").migrate())
        .isEqualTo(new MigrationResult(901, 902, 1));
  }

  @Test
  void aProcessKilledBetweenAnyTwoStatementsOnH2IsContinued() {
    Names names = new Names("inbox", "", Map.of());
    List<String> statements = new ArrayList<>();
    for (Migration migration : Catalog.RELEASED.migrations()) {
      statements.addAll(statements(names.fill(Catalog.RELEASED.script(Database.H2, migration))));
    }
    assertThat(statements).hasSizeGreaterThanOrEqualTo(8 + 12 + 11);

    for (String options : List.of("", ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE")) {
      for (int done = 0; done <= statements.size(); done++) {
        DataSource dataSource = TestDatabase.h2(options);
        Sql.run(dataSource, "CREATE SCHEMA \"inbox\"");
        Sql.run(dataSource, statements.subList(0, done).toArray(String[]::new));

        assertThat(InboxMigrations.on(dataSource).migrate().toVersion()).isEqualTo(Released.LATEST);
        assertThat(Sql.column(dataSource, "SELECT \"version\" FROM \"inbox\".\"schema_version\""))
            .hasSize(Released.MIGRATIONS)
            .doesNotHaveDuplicates();
        assertThat(Sql.column(dataSource, "SELECT \"slot\" FROM \"inbox\".\"outbox_slot\""))
            .hasSize(16)
            .doesNotHaveDuplicates();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMigrationUndoneAsItsHeaderSaysCanBeRunAgain(TestDatabase database) {
    DataSource dataSource = database.fresh();
    InboxMigrations.on(dataSource).migrate();

    Migration newest = Catalog.RELEASED.migrations().get(Released.MIGRATIONS - 1);

    Sql.run(dataSource, undo(database.database(), newest));

    assertThat(InboxMigrations.on(dataSource).migrate())
        .isEqualTo(new MigrationResult(Released.LATEST - 1, Released.LATEST, 1));
  }

  @Test
  void rendersRolesAndPoliciesForPostgresWithTheNamesGiven() throws IOException {
    List<Path> files =
        InboxScripts.of(Database.POSTGRESQL)
            .schema("books")
            .prefix("in_")
            .role(Role.COLLECTOR, "sweeper")
            .render(folder.resolve("a/b"));

    assertThat(files)
        .extracting(file -> file.getFileName().toString())
        .containsExactly(
            "V000__schema.sql",
            "V001__inbox.sql",
            "V002__outbox.sql",
            "V003__jobs.sql",
            "V004__watermark.sql",
            "roles.sql",
            "row-level-security.sql",
            "time-buckets.sql");
    for (Path file : files) {
      assertThat(Files.readString(file)).doesNotContain("${").contains("\"books\"");
    }
    assertThat(Files.readString(files.get(files.size() - 3)))
        .contains("\"sweeper\"", "\"inbox_app\"", "\"in_message\"")
        .doesNotContain("inbox_collector");
  }

  @Test
  void everyScriptSaysItsPurposeItsLocksAndHowToUndoIt() throws IOException {
    for (Database database : Database.values()) {
      for (Path file : InboxScripts.of(database).render(folder)) {
        assertThat(Files.readString(file))
            .as(file.toString())
            .startsWith("-- Purpose: ")
            .contains("\n-- Lock: ", "\n-- Online: ", "\n-- Undo: ");
      }
    }
  }

  @Test
  void saysWhereItCannotWrite() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> InboxScripts.of(Database.H2).render(file.resolve("below")))
        .hasMessageStartingWith("IBX-525")
        .hasMessageContaining(file.toString());
  }

  private void runScripts(DataSource dataSource, Database database) throws IOException {
    for (Path file : InboxScripts.of(database).schema("books").prefix("in_").render(folder)) {
      if (file.getFileName().toString().startsWith("V")) {
        Sql.run(dataSource, statements(Files.readString(file)).toArray(String[]::new));
      }
    }
  }

  /** The statements that the header of a migration gives for undoing it. */
  private static String[] undo(Database database, Migration migration) {
    String text =
        new Names("inbox", "", Map.of()).fill(Catalog.RELEASED.script(database, migration));
    String header =
        text.lines()
            .takeWhile(line -> line.startsWith("--"))
            .map(line -> line.substring(2))
            .dropWhile(line -> !line.startsWith(" Undo:"))
            .collect(Collectors.joining(" "));
    String[] parts = header.substring(" Undo:".length()).split(";");
    return Arrays.copyOf(parts, parts.length - 1); // the last one says what is lost
  }

  static List<String> statements(String script) {
    String code =
        script.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
    List<String> statements = new ArrayList<>(Arrays.asList(code.split(";\\s*\\n|;\\s*$")));
    statements.removeIf(String::isBlank);
    return statements;
  }
}
