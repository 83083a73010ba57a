package io.inbox.command.database;

import io.inbox.spi.SqlError;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks in one transaction, each question bounded in time. Plain JDBC: a command that cron runs
 * every minute should not load a query builder.
 */
public final class Query {
  private final Connection connection;
  private final int seconds;

  /**
   * Asks on a connection.
   *
   * @param atMost how long one question may take; at least a second
   */
  public Query(Connection connection, Duration atMost) {
    this.connection = connection;
    this.seconds = (int) Math.max(1, Math.min(atMost.toSeconds(), Integer.MAX_VALUE));
  }

  /** Returns the connection, for what is not a question of this class. */
  public Connection connection() {
    return connection;
  }

  /** Returns a value made of each row. */
  public <T> List<T> list(String sql, Reader<T> reader, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setQueryTimeout(seconds);
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<T> values = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          values.add(reader.read(new Row(row)));
        }
      }
      return values;
    }
  }

  /** Returns a value made of the first row, if there is one. */
  public <T> Optional<T> first(String sql, Reader<T> reader, @Nullable Object... parameters)
      throws SQLException {
    List<T> values = list(sql, reader, parameters);
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
  }

  /** Returns the first column of the only row as text; empty for a null or no row. */
  public String text(String sql, @Nullable Object... parameters) throws SQLException {
    return first(sql, row -> Optional.ofNullable(row.text(1)), parameters)
        .flatMap(text -> text)
        .orElse("");
  }

  /** Returns the time by the database's clock: when this transaction began. */
  public Instant now() throws SQLException {
    return first(
            "SELECT CURRENT_TIMESTAMP",
            row -> Objects.requireNonNull(row.time(1), "a clock always shows something"))
        .orElseThrow();
  }

  /**
   * Asks for what this login may not be allowed to see, or what an older schema does not have:
   * empty then, and the transaction goes on.
   */
  public <T> Optional<T> ifVisible(Question<T> question) throws SQLException {
    Answer<T> answer = attempt(question);
    if (answer.slow()) {
      throw new SQLException("a question took longer than " + seconds + " s", "57014");
    }
    return answer.value();
  }

  /** Asks for what may be forbidden or take too long; the transaction goes on in either case. */
  public <T> Answer<T> attempt(Question<T> question) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      T value = question.ask();
      connection.releaseSavepoint(before);
      return new Answer<>(Optional.of(value), false);
    } catch (SQLException | RuntimeException e) { // jOOQ wraps what the driver throws
      SqlError error = SqlError.of(e);
      if (error != SqlError.SCHEMA && error != SqlError.CANCELLED) {
        throw e;
      }
      connection.rollback(before);
      return new Answer<>(Optional.empty(), error == SqlError.CANCELLED);
    }
  }

  /**
   * What came of a question.
   *
   * @param value the answer, if there is one
   * @param slow whether there is none because it took too long; else it is forbidden
   */
  public record Answer<T>(Optional<T> value, boolean slow) {}

  /** Makes a value of a row. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads the current row. */
    T read(Row row) throws SQLException;
  }

  /** Something to ask. */
  @FunctionalInterface
  public interface Question<T> {
    /** Asks it. */
    T ask() throws SQLException;
  }

  /** The current row; columns are counted from 1. */
  public static final class Row {
    private final ResultSet row;

    Row(ResultSet row) {
      this.row = row;
    }

    /** Returns a text; empty for null. */
    public String string(int column) throws SQLException {
      String text = row.getString(column);
      return text == null ? "" : text;
    }

    /** Returns a text or null. */
    public @Nullable String text(int column) throws SQLException {
      return row.getString(column);
    }

    /** Returns a number; 0 for null. */
    public long number(int column) throws SQLException {
      return row.getLong(column);
    }

    /** Returns a number or null. */
    public @Nullable Long nullable(int column) throws SQLException {
      long number = row.getLong(column);
      return row.wasNull() ? null : number;
    }

    /** Returns whether it is true; null is not. */
    public boolean yes(int column) throws SQLException {
      return row.getBoolean(column);
    }

    /** Returns a time or null. */
    public @Nullable Instant time(int column) throws SQLException {
      OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
      return time == null ? null : time.toInstant();
    }

    /** Returns bytes or null. */
    public byte @Nullable [] bytes(int column) throws SQLException {
      return row.getBytes(column);
    }
  }
}
