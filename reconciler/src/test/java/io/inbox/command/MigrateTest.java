package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code inbox migrate}: in the database, or as files. */
final class MigrateTest {
  @TempDir private Path folder;

  @Test
  void makesTheSchemaAndFindsNothingToDoAfterwards() throws Exception {
    Shop shop = Shop.empty();
    JsonNode first = shop.run("migrate", "--schema", "books", "--json").ended(0).json();
    assertThat(first.get("fromVersion").asInt()).isZero();
    assertThat(first.get("toVersion").asInt()).isEqualTo(4);
    JsonNode second = shop.run("migrate", "--schema", "books", "--json").ended(0).json();
    assertThat(second.get("applied").asInt()).isZero();
    shop.run("status", "--schema", "books").ended(0);
    assertThat(shop.run("status").refused(3)).contains("IBX-513");
  }

  @Test
  void writesFilesWithoutADatabase() throws Exception {
    Path sql = folder.resolve("sql");
    Run run =
        Run.of(
            "migrate",
            "--render",
            sql.toString(),
            "--database",
            "postgresql",
            "--schema",
            "books",
            "--role",
            "application=books_app");
    assertThat(run.ended(0).out()).contains("V001__inbox.sql", "roles.sql");
    assertThat(Files.readString(sql.resolve("roles.sql"))).contains("\"books_app\"", "\"books\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--render x | --database postgresql",
        "--database h2 | go with --render",
        "--role owner=x | go with --render",
        "--render x --database oracle | 'oracle' is unknown",
        "--render x --database h2 --role king=x | king",
        "--render x --database h2 --schema Inbox | IBX-301",
        "--url jdbc:h2:mem:x --wait soon | 'soon' is no duration",
        "--url jdbc:h2:mem:x --wait 0s | --wait is PT0S",
        "--url jdbc:h2:mem:x --wait 2d | --wait is PT48H",
        "--url jdbc:h2:mem:x --schema pg_x | IBX-302",
      })
  void refuses(String words, String expected) {
    assertThat(Run.of(("migrate " + words).split(" ")).refused(2)).contains(expected);
  }

  @Test
  void refusesAFolderItCannotWrite() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThat(Run.of("migrate", "--render", file.toString(), "--database", "h2").refused(2))
        .contains("IBX-525");
  }
}
