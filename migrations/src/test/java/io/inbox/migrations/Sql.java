package io.inbox.migrations;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Runs statements and reads first columns, for tests that look at a database from outside. */
final class Sql {
  private Sql() {}

  static void run(DataSource dataSource, String... statements) {
    try (Connection connection = dataSource.getConnection()) {
      run(connection, statements);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  static void run(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  static List<String> column(DataSource dataSource, String query) {
    try (Connection connection = dataSource.getConnection()) {
      return column(connection, query);
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }

  static List<String> column(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }
}
