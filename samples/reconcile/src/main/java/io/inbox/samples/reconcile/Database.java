package io.inbox.samples.reconcile;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.jdbc.PortableStore;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The database of one run, made anew. */
record Database(
    String description, HikariDataSource pool, Store store, @Nullable EmbeddedPostgres server)
    implements AutoCloseable {
  /** Starts an empty database in this folder, whose earlier content is deleted. */
  static Database start(boolean postgres, Path home) throws IOException {
    Path folder = Files.createDirectories(home).resolve(postgres ? "postgres" : "h2");
    delete(folder);
    if (!postgres) {
      String url = "jdbc:h2:file:" + folder.resolve("books").toAbsolutePath() + ";WRITE_DELAY=0";
      return new Database("a file of H2", pool(url), PortableStore.create(), null);
    }
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setDataDirectory(folder)
            .setOutputRedirector(ProcessBuilder.Redirect.DISCARD)
            .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("full_page_writes", "on")
            .start();
    String url = server.getJdbcUrl("postgres", "postgres");
    return new Database("an embedded PostgreSQL 18", pool(url), PostgresStore.create(), server);
  }

  private static HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(6);
    return new HikariDataSource(config);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(folder)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : deepestFirst) {
      Files.delete(file);
    }
  }

  @Override
  public void close() throws IOException {
    pool.close();
    if (server != null) {
      server.close();
    }
  }
}
