package io.inbox.testkit.crash;

import com.zaxxer.hikari.util.DriverDataSource;
import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The database that deliveries are broken on: the schema of Inbox is migrated, and the tables of
 * the service are there. What it is decides which {@link CrashWay}s there are. Thread-safe.
 */
public final class CrashDatabase {
  private static final Pattern LOCAL =
      Pattern.compile("jdbc:postgresql://(?:localhost|127\\.0\\.0\\.1):(\\d+)/.*");
  private static final int PATIENCE_MILLIS = 10_000;

  private final DataSource connections;
  private final @Nullable String url;
  private final Product product;

  private CrashDatabase(DataSource connections, @Nullable String url) {
    this.connections = connections;
    this.url = url;
    this.product = product(connections);
  }

  private enum Product {
    POSTGRES,
    H2,
    OTHER
  }

  /**
   * Connections of a service, best not pooled, so that a redelivery has a new one. No process can
   * be killed, and nothing be lost on the network: for these the URL must be known.
   *
   * @throws IllegalStateException if the database cannot be reached
   */
  public static CrashDatabase of(DataSource connections) {
    return new CrashDatabase(connections, null);
  }

  /** A database of a server for tests: every way there is. */
  public static CrashDatabase of(PostgresServer server, String database) {
    return at(server.url(database));
  }

  /**
   * A database by its JDBC URL, with user and password if it needs them. On PostgreSQL on this
   * machine every way there is; in a file of H2 processes can be killed as well, and nothing else
   * may have that file open.
   *
   * @throws IllegalStateException if the database cannot be reached
   */
  public static CrashDatabase at(String url) {
    return new CrashDatabase(byUrl(url), url);
  }

  static DataSource byUrl(String url) {
    return new DriverDataSource(url, null, new Properties(), null, null);
  }

  private static Product product(DataSource connections) {
    try (Connection connection = connections.getConnection()) {
      return switch (connection.getMetaData().getDatabaseProductName()) {
        case "PostgreSQL" -> Product.POSTGRES;
        case "H2" -> Product.H2;
        default -> Product.OTHER;
      };
    } catch (SQLException e) {
      throw new IllegalStateException("The database cannot be reached: " + e.getMessage(), e);
    }
  }

  DataSource connections() {
    return connections;
  }

  Optional<String> url() {
    return Optional.ofNullable(url);
  }

  /** Returns why nothing can go wrong that way here; empty if it can. */
  Optional<String> obstacle(CrashWay way) {
    return Optional.ofNullable(
        switch (way) {
          case THREAD_DIES -> null;
          case SESSION_ENDED ->
              product == Product.OTHER ? "only PostgreSQL and H2 are known to end a session" : null;
          case PROCESS_KILLED -> whyNotFromElsewhere();
          case REQUEST_LOST, ANSWER_LOST -> whyNoProxy();
        });
  }

  private @Nullable String whyNotFromElsewhere() {
    if (url == null) {
      return "another process cannot open a DataSource (use CrashDatabase.at with the URL)";
    }
    return url.startsWith("jdbc:h2:mem:")
        ? "a database in memory dies with its process (use a file, or PostgreSQL)"
        : null;
  }

  private @Nullable String whyNoProxy() {
    if (product != Product.POSTGRES) {
      return "the proxy speaks the protocol of PostgreSQL only";
    }
    if (url == null) {
      return "a DataSource cannot be led through a proxy (use CrashDatabase.at with the URL)";
    }
    return LOCAL.matcher(url).matches()
        ? null
        : "the proxy stands before a server on this machine only, by a URL with host and port";
  }

  /** Returns the port of the server, where {@link #obstacle} has nothing against a proxy. */
  int port() {
    return Integer.parseInt(local().group(1));
  }

  /** Returns connections through a proxy. */
  DataSource through(int port) {
    Matcher local = local();
    String all = local.group();
    return byUrl(all.substring(0, local.start(1)) + port + all.substring(local.end(1)));
  }

  private Matcher local() {
    Matcher local = LOCAL.matcher(String.valueOf(url));
    if (!local.matches()) {
      throw new IllegalStateException("no PostgreSQL on this machine: " + url);
    }
    return local;
  }

  /** Returns the session of a connection, in the server's words. */
  int session(Connection connection) throws SQLException {
    if (product == Product.POSTGRES) {
      return backend(connection);
    }
    try (PreparedStatement statement = connection.prepareStatement("CALL SESSION_ID()");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  /** Asks the driver, not the server: a statement would change what is broken. */
  private static int backend(Connection connection) throws SQLException {
    try {
      Class<?> driver = Class.forName("org.postgresql.PGConnection");
      Object own = connection.unwrap(driver);
      return (int) driver.getMethod("getBackendPID").invoke(own);
    } catch (ReflectiveOperationException e) {
      throw new SQLException("the driver does not tell the session", e);
    }
  }

  /** Ends a session, and returns once its transaction is rolled back. */
  void end(int session) throws SQLException {
    String sql =
        product == Product.POSTGRES
            ? "SELECT pg_terminate_backend(?, " + PATIENCE_MILLIS + ")"
            : "CALL ABORT_SESSION(?)";
    try (Connection other = connections.getConnection();
        PreparedStatement statement = other.prepareStatement(sql)) {
      statement.setInt(1, session);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next() || !row.getBoolean(1)) {
          throw new SQLException("session " + session + " did not end");
        }
      }
    }
  }

  @Override
  public String toString() {
    return switch (product) {
      case POSTGRES -> "PostgreSQL";
      case H2 -> "H2";
      case OTHER -> "another database";
    };
  }
}
