package io.inbox.reconciler;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import io.inbox.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** The databases that every job must work on. */
enum Platform {
  H2,
  POSTGRESQL_18,
  POSTGRESQL_14;

  private static final AtomicInteger H2_DATABASES = new AtomicInteger();

  boolean isPostgres() {
    return this != H2;
  }

  Store store() {
    return this == H2 ? PortableStore.create() : PostgresStore.create();
  }

  /** An empty database with the schema of Inbox. */
  Fixture fresh() {
    String url = url();
    Fixture fixture = new Fixture(this, url, pool(url, 4));
    InboxMigrations.on(fixture.dataSource).migrate();
    return fixture;
  }

  /** A database of H2 in a file, which one process at a time opens; closed with its fixture. */
  static Fixture inFile(Path file) {
    String url = "jdbc:h2:file:" + file.toAbsolutePath() + ";WRITE_DELAY=0";
    Fixture fixture = new Fixture(H2, url, pool(url, 4));
    InboxMigrations.on(fixture.dataSource).migrate();
    return fixture;
  }

  private String url() {
    if (this == H2) {
      return "jdbc:h2:mem:jobs" + H2_DATABASES.incrementAndGet() + ";DB_CLOSE_DELAY=-1";
    }
    PostgresServer server =
        PostgresServer.shared(
            this == POSTGRESQL_18 ? PostgresServer.NEWEST : PostgresServer.OLDEST);
    return server.url(server.newDatabase());
  }

  static HikariDataSource pool(String url, int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(30_000);
    return new HikariDataSource(config);
  }
}
