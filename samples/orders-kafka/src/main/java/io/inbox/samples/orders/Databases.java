package io.inbox.samples.orders;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.samples.stage.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fresh database for each service. */
final class Databases implements AutoCloseable {
  private final Database orders;
  private final Database payments;
  private final String description;
  private final @Nullable PostgresServer server;

  private Databases(
      Database orders, Database payments, String description, @Nullable PostgresServer server) {
    this.orders = orders;
    this.payments = payments;
    this.description = description;
    this.server = server;
  }

  /**
   * A file of H2 for each, opened by its service, whose commits reach it before they are answered.
   */
  static Databases h2(Path folder) {
    return new Databases(
        new Database("jdbc:h2:file:" + folder.resolve("orders") + ";WRITE_DELAY=0"),
        new Database("jdbc:h2:file:" + folder.resolve("payments") + ";WRITE_DELAY=0"),
        "a file of H2, in " + folder,
        null);
  }

  /** An embedded PostgreSQL 18 with durable settings, and a database in it for each. */
  static Databases postgres(Path folder) throws SQLException {
    PostgresServer server = PostgresServer.start(folder);
    try (HikariDataSource pool = new Database(server.url("postgres", "orders-kafka")).pool(1);
        Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      for (String name : List.of("orders", "payments")) {
        statement.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        statement.execute("CREATE DATABASE " + name);
      }
    } catch (SQLException e) {
      server.close();
      throw e;
    }
    return new Databases(
        new Database(server.url("orders", "orders-kafka")),
        new Database(server.url("payments", "orders-kafka")),
        "a database in " + server.describe(),
        server);
  }

  Database orders() {
    return orders;
  }

  Database payments() {
    return payments;
  }

  /** What each service has, for people. */
  String describe() {
    return description;
  }

  boolean alive() {
    return server == null || server.alive();
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
  }
}
