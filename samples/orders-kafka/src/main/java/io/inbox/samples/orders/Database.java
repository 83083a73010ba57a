package io.inbox.samples.orders;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.jdbc.PortableStore;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;

/** The database of a service. */
record Database(String url) {

  Store store() {
    return url.startsWith("jdbc:postgresql:") ? PostgresStore.create() : PortableStore.create();
  }

  /** Opens a pool; it connects when it is first used. */
  HikariDataSource pool(int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(5_000);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED"); // else it asks, see operations.md
    return new HikariDataSource(config);
  }
}
