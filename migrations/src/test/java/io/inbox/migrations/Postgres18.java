package io.inbox.migrations;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** One PostgreSQL 18 server for all tests, with a fresh database for each. */
final class Postgres18 {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private Postgres18() {}

  static DataSource freshDatabase() {
    return connectingTo(freshUrl(), "postgres");
  }

  static String freshUrl() {
    String name = "t" + DATABASES.incrementAndGet();
    Sql.run(connectingTo(url("postgres"), "postgres"), "CREATE DATABASE " + name);
    return url(name);
  }

  static DataSource connectingTo(String url, String user) {
    return new UrlDataSource(url, user, "");
  }

  private static String url(String database) {
    return "jdbc:postgresql://localhost:" + Holder.SERVER.getPort() + "/" + database;
  }

  private static final class Holder {
    static final EmbeddedPostgres SERVER = start();

    private static EmbeddedPostgres start() {
      try {
        return EmbeddedPostgres.builder().start();
      } catch (IOException e) {
        throw new UncheckedIOException("Cannot start the embedded PostgreSQL", e);
      }
    }
  }
}
