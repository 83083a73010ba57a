package io.inbox.postgres;

import io.inbox.migrations.Database;
import io.inbox.migrations.InboxScripts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** A database of its own whose schema has buckets. */
final class BucketedDatabase extends PostgresDatabase {
  BucketedDatabase(int version) {
    super(version);
  }

  @Override
  protected DataSource migrated() {
    DataSource source = super.migrated();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(script("time-buckets.sql"));
    } catch (SQLException e) {
      throw new IllegalStateException("time-buckets.sql was refused", e);
    }
    return source;
  }

  /** Returns one of the scripts for a DBA. */
  static String script(String name) {
    try {
      Path folder = Files.createTempDirectory("inbox-scripts");
      String text = null;
      for (Path file : InboxScripts.of(Database.POSTGRESQL).render(folder)) {
        text = file.getFileName().toString().equals(name) ? Files.readString(file) : text;
        Files.delete(file);
      }
      Files.delete(folder);
      if (text == null) {
        throw new IllegalArgumentException("no script " + name);
      }
      return text;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
