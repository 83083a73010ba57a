package io.inbox.samples.quickstart;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.jdbc.PortableStore;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** How a process reaches the database. */
record Access(String url, String user, String password) {

  boolean postgres() {
    return url.startsWith("jdbc:postgresql:");
  }

  Store store() {
    return postgres() ? PostgresStore.create() : PortableStore.create();
  }

  /** Opens a pool; it connects when it is first used. */
  HikariDataSource pool(int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    if (!user.isEmpty()) {
      config.setUsername(user);
    }
    if (!password.isEmpty()) {
      config.setPassword(password);
    }
    config.setMaximumPoolSize(connections);
    config.setMinimumIdle(0);
    config.setInitializationFailTimeout(-1);
    config.setConnectionTimeout(5_000);
    config.setPoolName("inbox-quickstart");
    return new HikariDataSource(config);
  }

  void write(DataOutputStream out) throws IOException {
    out.writeUTF(url);
    out.writeUTF(user);
    out.writeUTF(password);
  }

  static Access read(DataInputStream in) throws IOException {
    return new Access(in.readUTF(), in.readUTF(), in.readUTF());
  }

  /** Returns the URL; never the password. */
  @Override
  public String toString() {
    return url.replaceAll("(?i)(password=)[^;&]*", "$1...");
  }
}
