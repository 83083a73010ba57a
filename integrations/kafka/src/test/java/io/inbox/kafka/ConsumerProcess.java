package io.inbox.kafka;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.postgres.PostgresStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A consumer in a process of its own, which notes in the database of a {@link TestInbox} what it
 * handles. It ends when the process that started it does.
 */
final class ConsumerProcess implements AutoCloseable {
  /** Whoever has done this holds all consumers up between a commit and that of the offsets. */
  static final String GATE = "SELECT pg_advisory_xact_lock(1)";

  /** What every consumer of a test is told. */
  record Setting(
      String consumer, String url, Map<String, Object> config, String topic, boolean watermarks) {}

  private final Process process;

  private ConsumerProcess(Process process) {
    this.process = process;
  }

  /** Its connections have its name as application name. */
  static ConsumerProcess start(String name, Setting setting) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            ConsumerProcess.class.getName(),
            setting.consumer(),
            setting.url() + "&ApplicationName=" + name,
            setting.topic(),
            Boolean.toString(setting.watermarks()));
    setting
        .config()
        .forEach((key, value) -> builder.command().addAll(List.of(key, String.valueOf(value))));
    return new ConsumerProcess(
        builder
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Kills it, as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }

  /** Consumes until the standard input ends. */
  public static void main(String[] args) throws IOException {
    HikariConfig pool = new HikariConfig();
    pool.setJdbcUrl(args[1]);
    pool.setMaximumPoolSize(4);
    Map<String, Object> config = new HashMap<>();
    for (int i = 4; i < args.length; i += 2) {
      config.put(args[i], args[i + 1]);
    }
    try (HikariDataSource database = new HikariDataSource(pool);
        Inbox inbox = Inbox.builder(args[0], PostgresStore.create(), database).build();
        KafkaInbox loop =
            loop(config, records(inbox, database), args[2], Boolean.parseBoolean(args[3]))) {
      while (System.in.read() >= 0 && loop.running()) {
        // until the parent is gone
      }
    }
    Runtime.getRuntime().halt(0);
  }

  private static KafkaInbox loop(
      Map<String, Object> config, RecordHandler records, String topic, boolean watermarks) {
    KafkaInbox.Builder builder = KafkaInbox.builder(config, records).topics(topic);
    return (watermarks ? builder.watermarks() : builder).start();
  }

  private static RecordHandler records(Inbox inbox, HikariDataSource database) {
    return RecordHandler.builder(
            inbox,
            (fresh, tx) -> {
              TestInbox.note(fresh, tx);
              tx.afterCommit(() -> passGate(database));
            })
        .build();
  }

  private static void passGate(HikariDataSource database) {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_lock_shared(1), pg_advisory_unlock_shared(1)");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
