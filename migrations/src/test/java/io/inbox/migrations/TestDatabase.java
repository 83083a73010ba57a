package io.inbox.migrations;

import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** The databases every behaviour is tested on. */
enum TestDatabase {
  H2_REGULAR(Database.H2, ""),
  H2_POSTGRESQL_MODE(Database.H2, ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE"),
  POSTGRESQL_18(Database.POSTGRESQL, "");

  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final Database database;
  private final String h2Options;

  TestDatabase(Database database, String h2Options) {
    this.database = database;
    this.h2Options = h2Options;
  }

  DataSource fresh() {
    return database == Database.H2 ? h2(h2Options) : Postgres18.freshDatabase();
  }

  Database database() {
    return database;
  }

  static DataSource h2(String options) {
    return new UrlDataSource(h2Url(options), "sa", "");
  }

  static String h2Url(String options) {
    return "jdbc:h2:mem:migrations" + DATABASES.incrementAndGet() + ";DB_CLOSE_DELAY=-1" + options;
  }
}
