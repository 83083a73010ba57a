package io.inbox.internal;

import io.inbox.error.CommitInDoubtException;
import io.inbox.error.DatabaseException;
import io.inbox.error.InboxException;
import io.inbox.error.SchemaException;
import io.inbox.spi.SqlError;
import java.sql.SQLException;
import java.sql.SQLWarning;
import org.jspecify.annotations.Nullable;

/** Turns errors of the library's own statements into errors that say what to do. */
public final class DatabaseErrors {
  private DatabaseErrors() {}

  /** Translates an error that trying again will not cure. */
  public static InboxException translated(Exception error) {
    @Nullable SQLException sql = SqlError.in(error).orElse(null);
    if (sql == null) {
      return new DatabaseException(
          "IBX-330",
          "an unexpected "
              + error.getClass().getName()
              + " came out of the transaction; it was rolled back",
          error);
    }
    if (SqlError.of(error) == SqlError.SCHEMA) {
      return new SchemaException(
          "IBX-513",
          "a table or column of Inbox is missing in this database, or this role may not use it, SQLSTATE "
              + sql.getSQLState()
              + " (run the migration, or grant the role; check that this is the database Inbox was migrated in)",
          error);
    }
    return new DatabaseException(
        "IBX-330",
        "the database refused a statement of Inbox, SQLSTATE "
            + sql.getSQLState()
            + "; it was rolled back",
        error);
  }

  /** Returns the error for a commit that the server confirmed with a warning about its standby. */
  public static CommitInDoubtException unreplicated(SQLWarning warning) {
    return new CommitInDoubtException(
        "IBX-322",
        "the server confirmed the commit with a warning, so it may not have reached the synchronous standby (do not acknowledge; deliver again)",
        warning);
  }
}
