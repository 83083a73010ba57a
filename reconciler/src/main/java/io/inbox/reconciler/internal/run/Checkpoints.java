package io.inbox.reconciler.internal.run;

import io.inbox.reconciler.internal.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where the checks of one job go on: a line for each check that said so, in the job's row. */
final class Checkpoints {
  private final Database database;
  private final String table;
  private final String job;
  private final Map<String, String> lines = new TreeMap<>();

  Checkpoints(Database database, String job) {
    this.database = database;
    this.table = database.store().tables().quoted("job");
    this.job = job;
    database.inTransaction(
        connection -> {
          read(connection).ifPresent(this::parse);
          return job;
        });
  }

  private Optional<String> read(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT \"checkpoint\" FROM " + table + " WHERE \"job\" = ?")) {
      statement.setString(1, job);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
      }
    }
  }

  private void parse(String text) {
    text.lines()
        .forEach(
            line -> {
              int end = line.indexOf('\t');
              if (end > 0) {
                lines.put(line.substring(0, end), line.substring(end + 1));
              }
            });
  }

  Optional<String> of(String check) {
    return Optional.ofNullable(lines.get(check));
  }

  void put(String check, @Nullable String line) {
    if (line == null) {
      lines.remove(check);
    } else {
      lines.put(check, line);
    }
    StringBuilder text = new StringBuilder();
    lines.forEach((name, value) -> text.append(name).append('\t').append(value).append('\n'));
    database.inTransaction(connection -> write(connection, text.toString()));
  }

  private int write(Connection connection, String text) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE " + table + " SET \"checkpoint\" = ? WHERE \"job\" = ?")) {
      update.setString(1, text);
      update.setString(2, job);
      if (update.executeUpdate() == 1) {
        return 1;
      }
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO " + table + " (\"checkpoint\", \"job\") VALUES (?, ?)")) {
      insert.setString(1, text);
      insert.setString(2, job);
      return insert.executeUpdate();
    }
  }
}
