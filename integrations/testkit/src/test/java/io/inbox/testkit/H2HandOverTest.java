package io.inbox.testkit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.spi.Store;
import javax.sql.DataSource;

/** From module to module on H2. */
final class H2HandOverTest extends HandOverContract {
  @Override
  protected Store store() {
    return PortableStore.create();
  }

  @Override
  protected DataSource module() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(H2Database.inMemory(""));
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(0);
    HikariDataSource pool = new HikariDataSource(config);
    InboxMigrations.on(pool).migrate();
    return pool;
  }
}
