package io.inbox.torture.database;

import io.inbox.postgres.PostgresStore;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/** A durable PostgreSQL server of the run's own. */
final class PostgresDatabase implements Database {
  /**
   * Deadlocks show soon, and nothing else here differs from a server as it is set up by default.
   */
  private static final Map<String, String> SETTINGS =
      Map.of("max_connections", "200", "max_wal_size", "2GB", "deadlock_timeout", "200ms");

  private final PostgresServer server;
  private final String name;

  /** 0 where the server is others', too. */
  private final int version;

  private PostgresDatabase(PostgresServer server, String name, int version) {
    this.server = server;
    this.name = name;
    this.version = version;
  }

  static PostgresDatabase start(int version) throws SQLException {
    PostgresServer server = PostgresServer.start(version, SETTINGS);
    return create(server, version);
  }

  static PostgresDatabase on(PostgresServer server) throws SQLException {
    return create(server, 0);
  }

  private static PostgresDatabase create(PostgresServer server, int version) throws SQLException {
    PostgresDatabase database = new PostgresDatabase(server, server.newDatabase(), version);
    BusinessTables.create(database.connections(), PostgresStore.create(), "clock_timestamp()");
    database.watchSlots();
    database.watchDeletions();
    return database;
  }

  /**
   * Writes down who took a slot under which epoch, and in whose slots who deleted. The connections
   * of a relay bear its worker's name, and so do its slots.
   */
  private void watchSlots() throws SQLException {
    try (Connection connection = connections().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE slot_taken (slot integer NOT NULL, before bigint NOT NULL, epoch bigint NOT NULL,
            owner text, at timestamptz NOT NULL DEFAULT clock_timestamp());
          CREATE FUNCTION slot_taken() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              INSERT INTO slot_taken VALUES (NEW.slot, OLD.epoch, NEW.epoch, NEW.owner);
              RETURN NULL;
            END $$;
          CREATE TRIGGER slot_taken AFTER UPDATE ON inbox.outbox_slot FOR EACH ROW
            WHEN (OLD.epoch <> NEW.epoch) EXECUTE FUNCTION slot_taken();
          CREATE TABLE slot_misused (slot integer NOT NULL, epoch bigint NOT NULL, owner text, deleted_by text);
          CREATE FUNCTION slot_misused() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              INSERT INTO slot_misused
                SELECT s.slot, s.epoch, s.owner, current_setting('application_name')
                FROM inbox.outbox_slot s WHERE s.slot IN (SELECT slot FROM gone)
                  AND (s.owner IS NULL OR split_part(s.owner, '#', 1) <> current_setting('application_name'));
              RETURN NULL;
            END $$;
          CREATE TRIGGER slot_misused AFTER DELETE ON inbox.outbox REFERENCING OLD TABLE AS gone
            FOR EACH STATEMENT EXECUTE FUNCTION slot_misused();
          """);
    }
  }

  /** Writes down which keys were deleted, and when. */
  private void watchDeletions() throws SQLException {
    try (Connection connection = connections().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE FUNCTION collected() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              INSERT INTO public.collected
                SELECT tenant, consumer, source, message_id, handled_at, clock_timestamp() FROM gone;
              RETURN NULL;
            END $$;
          CREATE TRIGGER collected AFTER DELETE ON inbox.message REFERENCING OLD TABLE AS gone
            FOR EACH STATEMENT EXECUTE FUNCTION collected();
          """);
    }
  }

  @Override
  public String name() {
    return "postgres" + (version == 0 ? "" : version);
  }

  @Override
  public String url(int worker, int proxyPort) {
    return "jdbc:postgresql://localhost:%d/%s?user=postgres&ApplicationName=w%d&socketTimeout=%d&connectTimeout=5"
        .formatted(proxyPort, name, worker, SOCKET_TIMEOUT.toSeconds());
  }

  @Override
  public Optional<PostgresServer> server() {
    return Optional.of(server);
  }

  @Override
  public DataSource connections() {
    return server.connections(name);
  }

  @Override
  public void close() {
    if (version == 0) {
      server.dropDatabase(name);
    } else {
      server.close();
    }
  }
}
