package io.inbox.torture.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.h2.api.Trigger;
import org.jspecify.annotations.Nullable;

/** Writes down which keys were deleted from an H2 database, and when. */
public final class Deletions implements Trigger {
  private static final List<String> KEPT =
      List.of("tenant", "consumer", "source", "message_id", "handled_at");

  private final List<String> columns = new ArrayList<>();

  /** Called by the database. */
  public Deletions() {}

  static void watch(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE TRIGGER collected AFTER DELETE ON \"inbox\".\"message\" FOR EACH ROW CALL '"
              + Deletions.class.getName()
              + "'");
    }
  }

  @Override
  public void init(
      Connection connection, String schema, String trigger, String table, boolean before, int type)
      throws SQLException {
    try (ResultSet row = connection.getMetaData().getColumns(null, schema, table, null)) {
      while (row.next()) {
        columns.add(row.getString("COLUMN_NAME"));
      }
    }
  }

  @Override
  public void fire(Connection connection, Object @Nullable [] before, Object @Nullable [] after)
      throws SQLException {
    if (before == null) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "INSERT INTO collected VALUES (?, ?, ?, ?, ?, CURRENT_TIMESTAMP)")) {
      for (int i = 0; i < KEPT.size(); i++) {
        statement.setObject(i + 1, before[columns.indexOf(KEPT.get(i))]);
      }
      statement.executeUpdate();
    }
  }
}
