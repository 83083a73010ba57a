package io.inbox.command;

import io.inbox.migrations.InboxMigrations;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.postgres.PostgresStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** A PostgreSQL 18 server with a fresh database for each test. */
final class Server implements AutoCloseable {
  private final EmbeddedPostgres postgres;
  private int databases;

  private Server(EmbeddedPostgres postgres) {
    this.postgres = postgres;
  }

  static Server start() throws IOException {
    // Else the relay warns that a crash loses messages, and a test that looks for warnings finds
    // it.
    return new Server(
        EmbeddedPostgres.builder()
            .setServerConfig("fsync", "on")
            .setServerConfig("full_page_writes", "on")
            .setServerConfig("synchronous_commit", "on")
            .start());
  }

  /** Creates an empty database and returns its name. */
  String create() throws SQLException {
    String name = "t" + ++databases;
    execute("postgres", "CREATE DATABASE " + name);
    return name;
  }

  /** Creates a database with the schema of Inbox and returns its name. */
  String migrated() throws SQLException {
    String name = create();
    InboxMigrations.on(dataSource(name)).migrate();
    return name;
  }

  String url(String database) {
    return "jdbc:postgresql://localhost:" + postgres.getPort() + "/" + database;
  }

  DataSource dataSource(String database) {
    return postgres.getDatabase("postgres", database);
  }

  /** Appends a message for each payload, all of topic orders and one key. */
  void append(String database, String... payloads) throws SQLException {
    DataSource dataSource = dataSource(database);
    try (Outbox outbox = Outbox.open(PostgresStore.create(), dataSource);
        Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      for (String payload : payloads) {
        outbox
            .on(connection)
            .append(OutboxMessage.of("orders", "o-1", payload.getBytes(StandardCharsets.UTF_8)));
      }
      connection.commit();
    }
  }

  int waiting(String database) throws SQLException {
    try (Connection connection = dataSource(database).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM inbox.outbox")) {
      rows.next();
      return rows.getInt(1);
    }
  }

  List<String> column(String database, String sql) throws SQLException {
    List<String> values = new ArrayList<>();
    try (Connection connection = dataSource(database).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        values.add(row.getString(1));
      }
    }
    return values;
  }

  void execute(String database, String sql) throws SQLException {
    try (Connection connection = dataSource(database).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws IOException {
    postgres.close();
  }
}
