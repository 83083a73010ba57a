package io.inbox.samples.stage;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Plain JDBC, said shorter. */
public final class Sql {
  private Sql() {}

  /** What runs in a transaction. */
  @FunctionalInterface
  public interface Work<T> {
    /** Runs on a connection whose autocommit is off. */
    T run(Connection connection) throws SQLException;
  }

  /** Runs work in a transaction of its own. */
  public static <T> T inTransaction(DataSource database, Work<T> work) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        T result = work.run(connection);
        connection.commit();
        return result;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  /** Returns what an error says, without what drivers append to it. */
  public static String firstLine(Throwable error) {
    String message = error.getMessage() == null ? error.toString() : error.getMessage();
    return message.lines().findFirst().orElse("").replaceFirst("; SQL statement:.*", "");
  }
}
