package io.inbox.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The executable jar, run as users run it, against a server. */
final class RelayJarTest {
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
  void publishesWhatWaitsAndWhatComesAndEndsOrderlyWhenTerminated() throws Exception {
    String database = server.migrated();
    server.append(database, "a", "bb", "ccc");
    try (Program relay = relay(database, "--publisher", "stdout")) {
      for (int bytes = 1; bytes <= 3; bytes++) {
        assertThat(relay.line()).matches("[0-9a-f-]{36}\torders\to-1\t" + bytes);
      }
      server.append(database, "dddd");
      assertThat(relay.line()).endsWith("\torders\to-1\t4");
      assertThat(relay.terminate().exitCode()).as(relay.errors()).isZero();
      assertThat(relay.errors()).contains("is running", "is closing").doesNotContain("WARN");
    }
    assertThat(server.waiting(database)).isZero();
  }

  @Test
  void findsAPublisherInTheFolderOfPlugins() throws Exception {
    PluginJar.publisher(Files.createDirectory(folder.resolve("plugins")), folder);
    Path options = folder.resolve("publisher.properties");
    Files.writeString(options, "token=t\nplace=file\n");
    String database = server.migrated();
    server.append(database, "first");
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--publisher", "file", "--plugins", folder + "/plugins"));
    arguments.addAll(List.of("--publisher-options-file", options.toString()));
    arguments.addAll(List.of("--publisher-option", "place=line"));
    try (Program relay = relay(database, arguments.toArray(String[]::new))) {
      assertThat(relay.line())
          .endsWith(" first true")
          .contains("token=t", "place=line")
          .doesNotContain("place=file");
      assertThat(relay.terminate().exitCode()).as(relay.errors()).isZero();
      assertThat(relay.line()).isEqualTo("closed");
    }
    assertThat(server.waiting(database)).isZero();
  }

  @Test
  void saysThatTheSchemaIsMissing() throws Exception {
    try (Program relay = relay(server.create(), "--publisher", "stdout")) {
      assertThat(relay.failedWith(3)).contains("IBX-513", "inbox.*", "migrate");
    }
  }

  @Test
  void saysThatTheSchemaIsOld() throws Exception {
    String database = server.migrated();
    server.execute(database, "DELETE FROM inbox.schema_version WHERE version > 1");
    try (Program relay = relay(database, "--publisher", "stdout")) {
      assertThat(relay.failedWith(3)).contains("IBX-515", "version 1", "migrate");
    }
  }

  @Test
  void saysThatNoDatabaseAnswers() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String url = "jdbc:postgresql://localhost:" + port + "/payments";
    try (Program relay = Program.start("relay", "--url", url, "--publisher", "stdout")) {
      assertThat(relay.failedWith(3)).contains("localhost:" + port, "refused", "start it");
    }
  }

  @Test
  void saysThatTheDatabaseDoesNotKnowTheUser() throws Exception {
    try (Program relay =
        Program.start(
            "relay",
            "--url",
            server.url("postgres"),
            "--user",
            "nobody",
            "--password-env",
            "PGSECRET",
            "--publisher",
            "stdout")) {
      assertThat(relay.failedWith(3))
          .contains("role \"nobody\" does not exist", "mend the URL, the user");
    }
  }

  @Test
  void refusesAWrongCommandLineWithoutALog() throws Exception {
    try (Program relay = Program.start("relay", "--publisher", "stdout")) {
      assertThat(relay.failedWith(2)).contains("--url", "inbox relay --help");
    }
  }

  private static Program relay(String database, String... more) throws Exception {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("relay", "--url", server.url(database), "--user", "postgres"));
    arguments.addAll(List.of("--password-env", "PGSECRET"));
    arguments.addAll(List.of(more));
    return Program.start(arguments.toArray(String[]::new));
  }
}
