package io.inbox.torture.database;

import io.inbox.jdbc.PortableStore;
import io.inbox.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/**
 * An H2 database in a file, with its durable setting, inside the one worker: that is how the
 * library supports H2, and a kill of the worker is then the hardest a database can be hit.
 */
final class H2Database implements Database {
  private final Path file;

  private H2Database(Path file) {
    this.file = file;
  }

  static H2Database create(Path home) throws SQLException, IOException {
    Files.createDirectories(home);
    H2Database database =
        new H2Database(home.resolve("h2-" + UUID.randomUUID()).toAbsolutePath().normalize());
    BusinessTables.create(database.source(""), PortableStore.create(), "CURRENT_TIMESTAMP");
    Deletions.watch(database.source("")); // closed at once: it is the worker's then
    return database;
  }

  @Override
  public String name() {
    return "h2";
  }

  @Override
  public String url(int worker, int proxyPort) {
    return "jdbc:h2:" + file + ";WRITE_DELAY=0;LOCK_TIMEOUT=10000";
  }

  @Override
  public Optional<PostgresServer> server() {
    return Optional.empty();
  }

  /** Opened once for all that is asked after the run: each closing would compact the file. */
  @Override
  public DataSource connections() {
    return source(";DB_CLOSE_DELAY=-1");
  }

  private DataSource source(String more) {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL("jdbc:h2:" + file + ";WRITE_DELAY=0" + more);
    return source;
  }

  @Override
  public void close() {
    try (Connection connection = connections().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN IMMEDIATELY");
    } catch (SQLException e) {
      // A worker that was not ended has it; its file stays.
    }
    try {
      Files.deleteIfExists(Path.of(file + ".mv.db"));
    } catch (IOException e) {
      // The next clean build deletes it.
    }
  }
}
