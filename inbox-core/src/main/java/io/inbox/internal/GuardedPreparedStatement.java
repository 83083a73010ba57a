package io.inbox.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jooq.tools.jdbc.DefaultPreparedStatement;
import org.jooq.tools.jdbc.DefaultResultSet;
import org.jspecify.annotations.Nullable;

/**
 * A prepared statement that reports its errors to the {@link Watch}. Its text was checked when it
 * was prepared; the methods that take another text are refused by JDBC itself.
 */
final class GuardedPreparedStatement extends DefaultPreparedStatement {
  private final Connection connection;
  private final Watch watch;

  GuardedPreparedStatement(PreparedStatement delegate, Connection connection, Watch watch) {
    super(delegate);
    this.connection = connection;
    this.watch = watch;
  }

  @Override
  public Connection getConnection() {
    return connection;
  }

  @Override
  public ResultSet executeQuery() throws SQLException {
    return results(watch.run(super::executeQuery));
  }

  @Override
  public int executeUpdate() throws SQLException {
    return watch.run(super::executeUpdate);
  }

  @Override
  public long executeLargeUpdate() throws SQLException {
    return watch.run(super::executeLargeUpdate);
  }

  @Override
  public boolean execute() throws SQLException {
    return watch.run(super::execute);
  }

  @Override
  public int[] executeBatch() throws SQLException {
    return watch.run(super::executeBatch);
  }

  @Override
  public long[] executeLargeBatch() throws SQLException {
    return watch.run(super::executeLargeBatch);
  }

  @Override
  public @Nullable ResultSet getResultSet() throws SQLException {
    @Nullable ResultSet rows = super.getResultSet();
    return rows == null ? null : results(rows);
  }

  @Override
  public ResultSet getGeneratedKeys() throws SQLException {
    return results(super.getGeneratedKeys());
  }

  /** Rows lead back to this statement, not to the raw one. */
  private ResultSet results(ResultSet rows) {
    return new DefaultResultSet(rows, this);
  }
}
