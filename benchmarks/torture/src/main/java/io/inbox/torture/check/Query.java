package io.inbox.torture.check;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Queries over the database after the run. */
final class Query {
  private static final int MOST_LINES = 12;
  private static final int FETCH = 10_000;

  private Query() {}

  /** What is done with each row. */
  @FunctionalInterface
  interface Reader {
    void read(ResultSet row) throws SQLException;
  }

  /** Reads all rows, however many there are. */
  static void each(Evidence evidence, String query, Reader reader) throws SQLException {
    try (Connection connection = evidence.database().getConnection()) {
      connection.setAutoCommit(false); // else the driver reads everything at once
      try (Statement statement = connection.createStatement()) {
        statement.setFetchSize(FETCH);
        try (ResultSet rows = statement.executeQuery(query)) {
          while (rows.next()) {
            reader.read(rows);
          }
        }
      }
      connection.rollback();
    }
  }

  /** Returns the number that a query of one row has. */
  static long number(Evidence evidence, String query) throws SQLException {
    long[] number = new long[1];
    each(evidence, query, row -> number[0] = row.getLong(1));
    return number[0];
  }

  /** Returns one line for each of the first rows of a query that should have none. */
  static List<String> violations(Evidence evidence, String what, String query) throws SQLException {
    Found found = new Found();
    each(
        evidence,
        query,
        row -> {
          StringBuilder line = new StringBuilder(what);
          for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
            line.append(i == 1 ? ": " : " ").append(row.getString(i));
          }
          found.add(line.toString());
        });
    return found.lines();
  }

  /** Counts violations and keeps the first ones. */
  static final class Found {
    private final List<String> lines = new ArrayList<>();
    private long count;

    void add(String line) {
      if (++count <= MOST_LINES) {
        lines.add(line);
      }
    }

    List<String> lines() {
      List<String> all = new ArrayList<>(lines);
      if (count > MOST_LINES) {
        all.add("and " + (count - MOST_LINES) + " more");
      }
      return all;
    }
  }
}
