package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The executable jar, run as cron and operators run it, against a server. */
final class CommandsJarTest {
  private static Server server;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws Exception {
    server = Server.start();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @Test
  void makesTheSchemaAndShowsTheState() throws Exception {
    String database = server.create();
    try (Program migrate = run(database, "migrate")) {
      assertThat(migrate.output(0)).containsPattern("version now +4");
    }
    try (Program status = run(database, "status")) {
      assertThat(status.output(0)).contains("PostgreSQL 18", "Needs attention\n  nothing");
      assertThat(status.errors()).isEmpty();
    }
    try (Program doctor = run(database, "doctor", "--json")) {
      assertThat(doctor.output(0)).contains("\"failed\" : 0");
      assertThat(doctor.errors()).isEmpty();
    }
  }

  @Test
  void saysItsVersionAndWritesFilesWithoutADatabase() throws Exception {
    try (Program version = Program.start("--version")) {
      assertThat(version.output(0)).matches("inbox \\d+\\.\\d+\\.\\S+, schema version 4, Java .*");
    }
    Path sql = folder.resolve("sql");
    try (Program render =
        Program.start("migrate", "--render", sql.toString(), "--database", "postgresql")) {
      assertThat(render.output(0)).contains("V003__jobs.sql");
      assertThat(Files.readString(sql.resolve("V003__jobs.sql"))).contains("CREATE TABLE");
    }
  }

  @Test
  void replaysThroughAPlugin() throws Exception {
    String database = server.migrated();
    server.execute(
        database,
        "INSERT INTO inbox.consumer (consumer, dedupe_window_seconds) VALUES ('payments', 3600)");
    server.execute(
        database,
        "INSERT INTO inbox.message (tenant, consumer, source, message_id, state) VALUES ('', 'payments', '', 'evt_1', 1)");
    server.execute(
        database,
        "INSERT INTO inbox.dead_letter (tenant, consumer, source, message_id, reason) VALUES ('', 'payments', '', 'evt_1', 'ATTEMPTS_EXHAUSTED')");
    server.execute(database, "CREATE TABLE booked (id text)");
    Path plugins = Files.createDirectory(folder.resolve("plugins"));
    PluginJar.handler(plugins, folder);
    String[] words = {
      "dead-letters",
      "replay",
      "1",
      "--plugins",
      plugins.toString(),
      "--handler-option",
      "table=booked",
      "--apply",
      "--reason",
      "open again"
    };
    try (Program replay = run(database, words)) {
      assertThat(replay.output(0)).contains("REPLAYED");
    }
    assertThat(server.column(database, "SELECT id FROM booked")).containsExactly("evt_1");
  }

  /** One works, the other says who it is. The first stands still so that both are there at once. */
  @Test
  void ofTwoCollectorsOneWorksAndTheOtherSaysWho() throws Exception {
    String database = server.migrated();
    server.execute(
        database,
        "INSERT INTO inbox.consumer (consumer, dedupe_window_seconds) VALUES ('payments', 3600)");
    server.execute(
        database,
        "INSERT INTO inbox.message (tenant, consumer, source, message_id, handled_at)"
            + " SELECT '', 'payments', '', n::text, now() - interval '40 days' FROM generate_series(1, 600000) n");
    try (Program first = run(database, "gc", "--lease", "1h", "--batch-target", "5ms", "--json")) {
      Waiting.until(
          () ->
              !server
                  .column(database, "SELECT 1 FROM inbox.job WHERE owner IS NOT NULL")
                  .isEmpty());
      first.signal("STOP");
      try (Program second = run(database, "gc")) {
        assertThat(second.failedWith(4))
            .contains("job gc is being run by", String.valueOf(first.pid()), "since");
      } finally {
        first.signal("CONT");
      }
      assertThat(first.output(0)).contains("\"messages\" : 600000");
    }
    assertThat(server.column(database, "SELECT 1 FROM inbox.message")).isEmpty();
  }

  @Test
  void givesTheJobBackWhenItIsTerminated() throws Exception {
    String database = server.migrated();
    server.execute(
        database,
        "INSERT INTO inbox.consumer (consumer, dedupe_window_seconds) VALUES ('payments', 3600)");
    server.execute(
        database,
        "INSERT INTO inbox.message (tenant, consumer, source, message_id, handled_at)"
            + " SELECT '', 'payments', '', n::text, now() - interval '40 days' FROM generate_series(1, 600000) n");
    try (Program first = run(database, "gc", "--lease", "1h", "--batch-target", "5ms", "--json")) {
      Waiting.until(
          () ->
              !server
                  .column(database, "SELECT 1 FROM inbox.job WHERE checkpoint IS NOT NULL")
                  .isEmpty());
      assertThat(first.terminate().output(0)).contains("\"stopped\" : \"interrupted\"");
    }
    try (Program second = run(database, "gc", "--json")) {
      assertThat(second.output(0)).contains("\"stopped\" : null");
    }
    assertThat(server.column(database, "SELECT 1 FROM inbox.message")).isEmpty();
  }

  @Test
  void saysInOneLineWhatIsWrong() throws Exception {
    try (Program wrong = Program.start("statsu")) {
      assertThat(wrong.failedWith(2)).contains("statsu", "did you mean");
    }
    try (Program wrong =
        Program.start("status", "--url", "jdbc:postgresql://localhost:5x/payments")) {
      assertThat(wrong.failedWith(2)).contains("cannot be parsed");
    }
    try (Program wrong =
        Program.start(
            Map.of("INBOX_PASSWORD", Program.PASSWORD),
            "status",
            "--url",
            server.url("postgres"),
            "--user",
            "nobody")) {
      assertThat(wrong.failedWith(3)).contains("nobody");
    }
    try (Program missing = run(server.create(), "gc")) {
      assertThat(missing.failedWith(3)).contains("IBX-513", "migrate");
    }
  }

  @Test
  void holdsWhatItNeedsAndSaysWhoseItIs() throws Exception {
    try (JarFile jar = new JarFile(System.getProperty("inbox.jar"))) {
      List<String> names = jar.stream().map(entry -> entry.getName()).toList();
      assertThat(names)
          .contains(
              "org/postgresql/Driver.class",
              "org/h2/Driver.class",
              "org/flywaydb/core/Flyway.class",
              "db-inbox/postgresql/V003__jobs.sql",
              "com/fasterxml/jackson/core/JsonFactory.class",
              "com/zaxxer/hikari/HikariDataSource.class",
              "picocli/CommandLine.class",
              "org/slf4j/simple/SimpleServiceProvider.class",
              "io/inbox/postgres/PostgresStore.class",
              "META-INF/LICENSE",
              "META-INF/THIRD-PARTY.txt")
          .noneMatch(name -> name.endsWith("module-info.class"))
          .noneMatch(name -> name.startsWith("org/junit/"));
      assertThat(jar.getManifest().getMainAttributes().getValue("Multi-Release")).isEqualTo("true");
    }
  }

  private static Program run(String database, String... words) throws Exception {
    return Program.start(
        Map.of("INBOX_URL", server.url(database), "INBOX_USER", "postgres"), words);
  }
}
