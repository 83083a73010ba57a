package io.inbox.reconciler.internal.database;

import io.inbox.error.DatabaseException;
import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.SchemaException;
import io.inbox.spi.SqlError;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What errors of the jobs' own statements mean. */
public final class Errors {
  private Errors() {}

  /** Returns an error that says what to do. */
  public static InboxException translated(Tables tables, Exception error) {
    @Nullable SQLException sql = SqlError.in(error).orElse(null);
    if (sql == null) {
      return new DatabaseException(
          "IBX-330",
          "an unexpected "
              + error
              + " came out of a transaction on "
              + tables
              + "; it was rolled back",
          error);
    }
    return switch (SqlError.of(error)) {
      case UNAVAILABLE ->
          new RetryLaterException(
              "IBX-324",
              "the database for "
                  + tables
                  + " cannot be reached: "
                  + error.getMessage()
                  + because(error)
                  + " (start it, or mend URL and login, then try again)",
              error);
      case RETRY, LOCK_TIMEOUT, UNIQUE_VIOLATION, CANCELLED ->
          new RetryLaterException(
              "IBX-323",
              "the tables at "
                  + tables
                  + " are contended, or the statement was cancelled, SQLSTATE "
                  + sql.getSQLState()
                  + " (try again)",
              error);
      case SCHEMA ->
          new SchemaException(
              "IBX-513",
              "a table or column of Inbox is missing at "
                  + tables
                  + ", or this role may not use it, SQLSTATE "
                  + sql.getSQLState()
                  + ": "
                  + sql.getMessage()
                  + " (run the migration and roles.sql, and grant this login the role of its task)",
              error);
      case OTHER ->
          new DatabaseException(
              "IBX-330",
              "the database refused a statement on "
                  + tables
                  + ", SQLSTATE "
                  + sql.getSQLState()
                  + "; it was rolled back",
              error);
    };
  }

  /** What the server or the driver said, which a pool hides behind its own timeout. */
  private static String because(Exception error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.equals(error) || root.getMessage() == null ? "" : ": " + root.getMessage();
  }
}
