package io.inbox.torture.soak;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.migrations.InboxMigrations;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** A durable PostgreSQL server of the run's own, with the tables of Inbox and of the business. */
final class SoakServer implements AutoCloseable {
  private final PostgresServer server;
  private final String database;
  private final List<HikariDataSource> pools = new ArrayList<>();

  private SoakServer(PostgresServer server) {
    this.server = server;
    this.database = server.newDatabase();
  }

  static SoakServer start(String name, Timetable times) throws SQLException {
    int version = name.equals("postgres14") ? PostgresServer.OLDEST : PostgresServer.NEWEST;
    SoakServer started =
        new SoakServer(
            PostgresServer.start(
                version,
                Map.of(
                    "max_wal_size",
                    "2GB",
                    "autovacuum_naptime",
                    times.vacuumEvery().toSeconds() + "s")));
    started.createTables();
    return started;
  }

  private void createTables() throws SQLException {
    InboxMigrations.on(connections()).migrate();
    try (Connection connection = connections().getConnection();
        Statement statement = connection.createStatement()) {
      // No unique constraint: it would hide what is applied twice.
      statement.execute(
          """
          CREATE TABLE effect (consumer text NOT NULL, message_id text NOT NULL, number integer NOT NULL,
            booked_at timestamptz NOT NULL DEFAULT clock_timestamp());
          CREATE INDEX effect_booked_at ON effect (booked_at);
          CREATE SCHEMA ahead;
          CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS $$ SELECT pg_catalog.clock_timestamp() + interval '1 hour' $$;
          """);
    }
  }

  /**
   * Opens a pool of a fixed size, whose connections live as long as it: what a session gathers is
   * to be seen.
   *
   * @param name what its sessions are called
   */
  HikariDataSource pool(String name, int size, String searchPath) {
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setDataSource(connections());
    config.setMaximumPoolSize(size);
    config.setMaxLifetime(0);
    config.setConnectionInitSql(
        "SET application_name = '%s'; SET search_path = %s".formatted(name, searchPath));
    HikariDataSource pool = new HikariDataSource(config);
    pools.add(pool);
    return pool;
  }

  /** Returns connections outside of all pools. */
  DataSource connections() {
    return server.connections(database);
  }

  /** Returns how many connections of all pools are in use. */
  int inUse() {
    return pools.stream().mapToInt(pool -> pool.getHikariPoolMXBean().getActiveConnections()).sum();
  }

  /** Returns what a query says on a connection of its own. */
  long number(String query) throws SQLException {
    try (Connection connection = connections().getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public void close() {
    pools.forEach(HikariDataSource::close);
    server.close();
  }
}
