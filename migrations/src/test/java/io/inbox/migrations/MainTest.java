package io.inbox.migrations;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void migratesH2AndSaysFromWhereToWhere() {
    String url = TestDatabase.h2Url("");

    assertThat(run("migrate", "--url", url, "--user", "sa", "--schema", "books")).isZero();
    assertThat(run("migrate", "--url", url, "--user", "sa", "--schema", "books")).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "schema \"books\": version %d, migrated from version 0 (%d applied)"
                .formatted(Released.LATEST, Released.MIGRATIONS),
            "schema \"books\": version %d, nothing to do".formatted(Released.LATEST));
    assertThat(err.size()).isZero();
  }

  @Test
  void migratesPostgresWithThePasswordFromTheEnvironment() {
    String url = Postgres18.freshUrl();

    assertThat(run("migrate", "--url", url, "--user", "postgres", "--password-env", "DB_PASSWORD"))
        .isZero();

    assertThat(out.toString(StandardCharsets.UTF_8)).contains("version " + Released.LATEST);
  }

  @Test
  void rendersTheFilesAndListsThem() {
    assertThat(run("render", "--database", "postgresql", "--output", folder.toString())).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8).lines())
        .hasSize(4 + Released.MIGRATIONS)
        .contains(folder.resolve("V001__inbox.sql").toString());
  }

  @Test
  void explainsItself() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            "--password-env VARIABLE",
            "to version " + Released.LATEST,
            "default inbox",
            "Exit codes: 0 done");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|no command given",
        "drop|unknown command \"drop\"",
        "migrate|option --url is missing",
        "migrate --url|option --url needs a value",
        "migrate --url --user sa|option --url needs a value",
        "migrate --url postgres://x|--url must be a JDBC URL",
        "migrate --url jdbc:h2:mem:a --url jdbc:h2:mem:b|--url is given twice",
        "migrate --url jdbc:h2:mem:a --password hunter2|unknown option \"--password\"",
        "migrate --url jdbc:postgresql://h/d?password=hunter2|--url contains a password",
        "migrate --url jdbc:h2:mem:a;PASSWORD=hunter2|--url contains a password",
        "migrate --url jdbc:h2:mem:a --password-env hunter2|names a variable that is not set",
        "migrate --url jdbc:h2:mem:a --schema User|IBX-301",
        "migrate --url jdbc:h2:mem:a --schema user|IBX-302",
        "render --database oracle --output x|say postgresql or h2",
        "render --database h2|option --output is missing"
      })
  void wrongUsageIsOneLineAndExitCode2(String line, String complaint) {
    assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);

    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("error: ")
        .contains(complaint)
        .doesNotContain("hunter2");
    assertThat(out.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://localhost:1/none",
        "jdbc:nosuch:database-s3cret",
        "jdbc:h2:tcp://localhost:1/none"
      })
  void anUnreachableDatabaseIsOneLineAndExitCode3WithoutThePassword(String url) {
    assertThat(run("migrate", "--url", url, "--user", "u", "--password-env", "DB_PASSWORD"))
        .isEqualTo(3);

    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("error: IBX-520")
        .doesNotContain("s3cret");
  }

  @Test
  void aRefusedMigrationIsExitCode3() {
    String url = TestDatabase.h2Url("");
    Sql.run(new UrlDataSource(url, "sa", ""), "SET COLLATION ENGLISH STRENGTH PRIMARY");

    assertThat(run("migrate", "--url", url, "--user", "sa")).isEqualTo(3);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("error: IBX-524");
  }

  private int run(String... args) {
    Map<String, String> environment = Map.of("DB_PASSWORD", "s3cret");
    return new Main(
            environment,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(args);
  }
}
