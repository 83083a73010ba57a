package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.error.ConfigurationException;
import io.inbox.testkit.PostgresServer;
import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PgBouncer, where it is installed, in transaction mode between driver and server. */
class PgBouncerTest {
  private static final int CLIENTS = 4;
  private static final int MESSAGES = 100;

  @TempDir private static Path folder;

  private static PaymentsDatabase database;
  private static Process pooler;
  private static int port;

  @BeforeAll
  static void startPooler() throws Exception {
    Optional<Path> program = find();
    assumeTrue(
        program.isPresent(), "skipped: no pgbouncer on the PATH or in /usr/sbin (install it)");
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path users = Files.writeString(folder.resolve("users.txt"), "\"postgres\" \"\"\n");
    Path settings =
        Files.writeString(
            folder.resolve("pgbouncer.ini"),
            """
            [databases]
            * = host=127.0.0.1 port=%d
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = %d
            unix_socket_dir =
            auth_type = trust
            auth_file = %s
            pool_mode = transaction
            default_pool_size = 2
            ignore_startup_parameters = extra_float_digits
            """
                .formatted(PostgresServer.shared(PostgresServer.NEWEST).port(), port, users));
    start(program.get(), settings);
  }

  private static Optional<Path> find() {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
        .map(place -> Path.of(place, "pgbouncer"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static void start(Path program, Path settings) throws Exception {
    List<String> command = new ArrayList<>(List.of(program.toString(), settings.toString()));
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(0, List.of("unshare", "-U")); // it refuses to run as root
    }
    Path log = folder.resolve("pgbouncer.log");
    pooler =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    while (true) {
      try (Connection connection = DriverManager.getConnection(url("&prepareThreshold=0"))) {
        assertThat(connection.isValid(5)).isTrue();
        return;
      } catch (SQLException e) {
        if (pooler.waitFor(20, TimeUnit.MILLISECONDS)) {
          throw new IOException("pgbouncer ended: " + Files.readString(log), e);
        }
      }
    }
  }

  @AfterAll
  static void stopPooler() throws InterruptedException {
    if (pooler != null) {
      pooler.destroy();
      pooler.waitFor();
    }
  }

  private static String url(String options) {
    return database.urlThrough(port) + options;
  }

  @Test
  void refusesToStartWhileTheDriverPreparesStatements() {
    try (HikariDataSource pool = PaymentsDatabase.pool(url(""), 1)) {
      assertThatThrownBy(() -> PaymentsDatabase.inbox("pooled", pool).build())
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("IBX-507")
          .hasMessageContaining("prepareThreshold=0");
    }
  }

  @Test
  void handlesEveryMessageOnceWithoutPreparedStatements() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try (HikariDataSource pool = PaymentsDatabase.pool(url("&prepareThreshold=0"), CLIENTS);
        Inbox inbox = PaymentsDatabase.inbox("pooled", pool).build()) {
      List<Future<Integer>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(threads.submit(() -> handleAll(inbox)));
      }
      int processed = 0;
      for (Future<Integer> client : clients) {
        processed += client.get();
      }
      assertThat(processed).isEqualTo(MESSAGES);
    } finally {
      threads.shutdown();
    }
    assertThat(database.number("SELECT count(*) FROM applied")).isEqualTo(MESSAGES);
    assertThat(database.number("SELECT count(DISTINCT message_id) FROM applied"))
        .isEqualTo(MESSAGES);
  }

  private static int handleAll(Inbox inbox) {
    int processed = 0;
    for (int i = 0; i < MESSAGES; i++) {
      Message message = PaymentsDatabase.message("m" + i);
      Outcome<Void> outcome = inbox.process(message, PaymentsDatabase.applying(message));
      assertThat(outcome.acknowledge()).isTrue();
      processed += outcome instanceof Outcome.Processed ? 1 : 0;
    }
    return processed;
  }
}
