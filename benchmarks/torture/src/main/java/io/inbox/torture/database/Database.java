package io.inbox.torture.database;

import io.inbox.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import javax.sql.DataSource;

/** The database of a run, with the tables of Inbox and of the business. */
public interface Database extends AutoCloseable {
  /** How long a worker waits for an answer of a server. */
  Duration SOCKET_TIMEOUT = Duration.ofSeconds(3);

  /** Opens an empty one by its name on the command line. */
  static Database open(String name, Path home) throws SQLException, IOException {
    return switch (name) {
      case "postgres18" -> PostgresDatabase.start(PostgresServer.NEWEST);
      case "postgres14" -> PostgresDatabase.start(PostgresServer.OLDEST);
      case "h2" -> H2Database.create(home);
      default -> throw new IllegalArgumentException("no database " + name);
    };
  }

  /** Opens an empty one on a server that others use, too; closing leaves the server running. */
  static Database on(PostgresServer server) throws SQLException {
    return PostgresDatabase.on(server);
  }

  /** Returns its name on the command line. */
  String name();

  /** Returns the URL for a worker. */
  String url(int worker, int proxyPort);

  /** Returns the server behind it; empty where the worker itself is the database. */
  Optional<PostgresServer> server();

  /** Returns connections of the driver's own, past every proxy; only for the time after the run. */
  DataSource connections();

  @Override
  void close();
}
