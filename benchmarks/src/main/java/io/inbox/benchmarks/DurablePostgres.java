package io.inbox.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** An embedded server that survives a power cut: what the distribution switches off is on again. */
final class DurablePostgres implements AutoCloseable {
  private static final List<String> DURABLE =
      List.of("fsync", "full_page_writes", "synchronous_commit");
  private static final List<String> REPORTED =
      List.of("server_version", "shared_buffers", "wal_sync_method", "max_wal_size", "autovacuum");

  private final EmbeddedPostgres server;
  private final HikariDataSource pool;

  private DurablePostgres(EmbeddedPostgres server, HikariDataSource pool) {
    this.server = server;
    this.pool = pool;
  }

  static DurablePostgres start(int connections, String sharedBuffers) throws IOException {
    return start(connections, sharedBuffers, "on");
  }

  /** With commits that do not wait for the disk if the last parameter is "off". */
  static DurablePostgres start(int connections, String sharedBuffers, String synchronousCommit)
      throws IOException {
    return start(
        connections,
        Map.of(
            "shared_buffers",
            sharedBuffers,
            "synchronous_commit",
            synchronousCommit,
            "autovacuum",
            "off"));
  }

  /** With autovacuum, for tables whose rows come and go. */
  static DurablePostgres startVacuumed(int connections) throws IOException {
    return start(connections, Map.of("shared_buffers", "512MB"));
  }

  /** The same, and it counts statements. */
  static DurablePostgres startCounting(int connections) throws IOException, SQLException {
    DurablePostgres server =
        start(
            connections,
            Map.of("shared_buffers", "512MB", "shared_preload_libraries", "pg_stat_statements"));
    server.execute("CREATE EXTENSION pg_stat_statements");
    return server;
  }

  private static DurablePostgres start(int connections, Map<String, String> settings)
      throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            // Checkpoints come when the program asks for one, not in the middle of one layout.
            .setServerConfig("max_wal_size", "32GB")
            .setServerConfig("checkpoint_timeout", "1h");
    DURABLE.forEach(setting -> builder.setServerConfig(setting, "on"));
    settings.forEach(builder::setServerConfig);
    EmbeddedPostgres server = builder.start();
    HikariConfig config = new HikariConfig();
    config.setDataSource(server.getPostgresDatabase());
    config.setMaximumPoolSize(connections);
    return new DurablePostgres(server, new HikariDataSource(config));
  }

  DataSource dataSource() {
    return pool;
  }

  /** Connections outside the pool. */
  DataSource unpooled() {
    return server.getPostgresDatabase();
  }

  /** For another process. */
  String url() {
    return server.getJdbcUrl("postgres", "postgres");
  }

  /** Reads the settings back from the server; throws if one that durability needs is not on. */
  Map<String, String> settings() throws SQLException {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String setting : DURABLE) {
      String value = text("SHOW " + setting);
      if (!value.equals("on")) {
        throw new IllegalStateException(
            setting + " is " + value + " on the server: figures would be worthless (switch it on)");
      }
      settings.put(setting, value);
    }
    for (String setting : REPORTED) {
      settings.put(setting, text("SHOW " + setting));
    }
    return settings;
  }

  /** The settings as one line. */
  static String line(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(setting -> setting.getKey() + "=" + setting.getValue())
        .collect(Collectors.joining(" "));
  }

  String text(String query) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    }
  }

  long number(String query) throws SQLException {
    return Long.parseLong(text(query));
  }

  /** Returns what a query says in each session of the pool, while nobody else uses it. */
  List<String> ofEverySession(String query) throws SQLException {
    List<Connection> all = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    try {
      for (int i = 0; i < pool.getMaximumPoolSize(); i++) {
        all.add(pool.getConnection());
      }
      for (Connection connection : all) {
        try (Statement statement = connection.createStatement();
            ResultSet row = statement.executeQuery(query)) {
          row.next();
          answers.add(row.getString(1));
        }
      }
    } finally {
      for (Connection connection : all) {
        connection.close();
      }
    }
    return answers;
  }

  /** Name and version of the driver. */
  String driver() throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return connection.getMetaData().getDriverName()
          + " "
          + connection.getMetaData().getDriverVersion();
    }
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Runs a query under settings that end with its transaction. */
  void withSettings(String settings, String query) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      try {
        statement.execute(settings);
        statement.executeQuery(query).close();
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
  }

  /** Bytes of write-ahead log written since the server was made. */
  long walBytes() throws SQLException {
    return number("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint");
  }

  @Override
  public void close() throws IOException {
    pool.close();
    server.close();
  }
}
