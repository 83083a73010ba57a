package io.inbox.spi;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a database error means for the next step. The one place that reads SQLSTATE; nothing reads
 * error texts. Sources: PostgreSQL manual, appendix A; H2, class {@code ErrorCode}.
 */
public enum SqlError {
  /** Serialization failure or deadlock: the whole unit of work may run again at once. */
  RETRY,

  /**
   * The database cannot be reached, refuses connections or the login, is read-only or out of
   * resources: try later; the message is not at fault.
   */
  UNAVAILABLE,

  /** A lock was not granted in time. */
  LOCK_TIMEOUT,

  /** A unique index refused a row. */
  UNIQUE_VIOLATION,

  /** A table, schema or column is missing, or the role may not use it. */
  SCHEMA,

  /** The query was cancelled from outside or by a timeout. */
  CANCELLED,

  /** Anything else: this statement will not work as it is. */
  OTHER;

  private static final int DEEPEST = 20;

  /**
   * Classifies an error, or the first SQL error among its causes; {@link #OTHER} where there is
   * none.
   */
  public static SqlError of(Throwable error) {
    return in(error).map(SqlError::ofSql).orElse(OTHER);
  }

  /** Returns the first SQL error among an error and its causes. */
  public static Optional<SQLException> in(Throwable error) {
    @Nullable Throwable cause = error;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
      if (cause instanceof SQLException) {
        return Optional.of((SQLException) cause);
      }
      cause = cause.getCause();
    }
    return Optional.empty();
  }

  /**
   * Returns whether an error of COMMIT leaves open what happened. Only an error that the server
   * itself reported while it was alive proves a rollback.
   */
  public static boolean leavesCommitInDoubt(SQLException error) {
    @Nullable String state = error.getSQLState();
    if (state == null || state.length() < 2 || connectionLost(error)) {
      return true;
    }
    if (state.equals("40003")) { // statement completion unknown
      return true;
    }
    return switch (state.substring(0, 2)) {
      case "22", "23", "25", "40", "42", "44", "53", "54", "55", "P0" -> false;
      default -> !state.equals("57014");
    };
  }

  private static SqlError ofSql(SQLException error) {
    @Nullable String state = error.getSQLState();
    if (connectionLost(error)) {
      return UNAVAILABLE;
    }
    if (state == null) {
      return OTHER;
    }
    return switch (state) {
      case "40001", "40P01", "90131" ->
          // H2: CONCURRENT_UPDATE
          RETRY;
      case "23505" -> UNIQUE_VIOLATION;
      case "55P03", "HYT00" ->
          // H2: LOCK_TIMEOUT
          LOCK_TIMEOUT;
      case "57014" -> CANCELLED;
      case "25006" -> UNAVAILABLE;
      case "42P01",
          "42S02",
          "42S03",
          "42S04",
          "90079",
          "42703",
          "42S22",
          "3F000",
          "42501",
          "90096" ->
          // H2: TABLE_OR_VIEW_NOT_FOUND
          // H2: SCHEMA_NOT_FOUND
          // H2: NOT_ENOUGH_RIGHTS
          SCHEMA;
      case "3D000" -> UNAVAILABLE; // no such database, so it cannot be reached either
      default -> state.startsWith("53") || state.startsWith("28") ? UNAVAILABLE : OTHER;
    };
  }

  private static boolean connectionLost(SQLException error) {
    if (error instanceof SQLTransientConnectionException
        || error instanceof SQLNonTransientConnectionException
        || error instanceof SQLRecoverableException) {
      return true;
    }
    @Nullable String state = error.getSQLState();
    if (state == null) {
      return false;
    }
    return switch (state) {
      case "57P01", "57P02", "57P03", "57P05", "90020", "90067", "90098", "90121" ->
          // H2: DATABASE_ALREADY_OPEN
          // H2: CONNECTION_BROKEN
          // H2: DATABASE_IS_CLOSED
          // H2: DATABASE_CALLED_AT_SHUTDOWN
          true;
      default -> state.startsWith("08");
    };
  }
}
