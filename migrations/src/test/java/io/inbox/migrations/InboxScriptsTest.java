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

    assertThat(migrations.migrate()).isEqualTo(new MigrationResult(1, 1, 0));
  }

  @ParameterizedTest
  @EnumSource
  void aSchemaMadeFromTheScriptsIsMigratedFurther(TestDatabase database) throws IOException {
    DataSource dataSource = database.fresh();
    runScripts(dataSource, database.database());

    assertThat(withSecond(dataSource).migrate()).isEqualTo(new MigrationResult(1, 2, 1));
    assertThat(withSecond(dataSource).migrate()).isEqualTo(new MigrationResult(2, 2, 0));
  }

  @ParameterizedTest
  @EnumSource
  void aScriptRunByHandAfterTheRunnerIsRecognisedToo(TestDatabase database) {
    DataSource dataSource = database.fresh();
    InboxMigrations.on(dataSource).schema("books").prefix("in_").migrate();
    Sql.run(
        dataSource,
        "CREATE TABLE \"books\".\"in_second\" (\"id\" INTEGER)",
        "INSERT INTO \"books\".\"in_schema_version\" (\"version\", \"compatible_from\") VALUES (2, 1)");

    Catalog three =
        new Catalog(
            List.of(
                new Migration(1, "inbox"), new Migration(2, "second"), new Migration(3, "third")));
    assertThat(InboxMigrations.on(dataSource, three).schema("books").prefix("in_").migrate())
        .isEqualTo(new MigrationResult(2, 3, 1));
  }

  @Test
  void aProcessKilledBetweenAnyTwoStatementsOnH2IsContinued() {
    List<String> statements =
        statements(
            new Names("inbox", "", Map.of())
                .fill(Catalog.RELEASED.script(Database.H2, Catalog.RELEASED.migrations().get(0))));
    assertThat(statements).hasSize(8);

    for (int done = 0; done <= statements.size(); done++) {
      DataSource dataSource = TestDatabase.h2("");
      Sql.run(dataSource, "CREATE SCHEMA \"inbox\"");
      Sql.run(dataSource, statements.subList(0, done).toArray(String[]::new));

      assertThat(InboxMigrations.on(dataSource).migrate().toVersion()).isEqualTo(1);
      assertThat(Sql.column(dataSource, "SELECT \"version\" FROM \"inbox\".\"schema_version\""))
          .containsExactly("1");
    }
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
            "V000__schema.sql", "V001__inbox.sql", "roles.sql", "row-level-security.sql");
    for (Path file : files) {
      assertThat(Files.readString(file)).doesNotContain("${").contains("\"books\"");
    }
    assertThat(Files.readString(files.get(2)))
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

  private static InboxMigrations withSecond(DataSource dataSource) {
    Catalog two = new Catalog(List.of(new Migration(1, "inbox"), new Migration(2, "second")));
    return InboxMigrations.on(dataSource, two).schema("books").prefix("in_");
  }

  static List<String> statements(String script) {
    String code =
        script.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
    List<String> statements = new ArrayList<>(Arrays.asList(code.split(";\\s*\\n|;\\s*$")));
    statements.removeIf(String::isBlank);
    return statements;
  }
}
