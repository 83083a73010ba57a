package io.inbox.internal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jooq.tools.jdbc.DefaultResultSet;
import org.jooq.tools.jdbc.DefaultStatement;
import org.jspecify.annotations.Nullable;

/**
 * A plain statement that refuses transaction control and reports its errors to the {@link Watch}.
 */
final class GuardedStatement extends DefaultStatement {
  private final Connection connection;
  private final Watch watch;

  GuardedStatement(Statement delegate, Connection connection, Watch watch) {
    super(delegate);
    this.connection = connection;
    this.watch = watch;
  }

  @Override
  public Connection getConnection() {
    return connection;
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
  public boolean execute(String sql) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.execute(sql));
  }

  @Override
  public boolean execute(String sql, int keys) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.execute(sql, keys));
  }

  @Override
  public boolean execute(String sql, int[] keys) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.execute(sql, keys));
  }

  @Override
  public boolean execute(String sql, String[] keys) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.execute(sql, keys));
  }

  @Override
  public int executeUpdate(String sql) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.executeUpdate(sql));
  }

  @Override
  public int executeUpdate(String sql, int keys) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.executeUpdate(sql, keys));
  }

  @Override
  public int executeUpdate(String sql, int[] keys) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.executeUpdate(sql, keys));
  }

  @Override
  public int executeUpdate(String sql, String[] keys) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.executeUpdate(sql, keys));
  }

  @Override
  public long executeLargeUpdate(String sql) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.executeLargeUpdate(sql));
  }

  @Override
  public long executeLargeUpdate(String sql, int keys) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.executeLargeUpdate(sql, keys));
  }

  @Override
  public long executeLargeUpdate(String sql, int[] keys) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.executeLargeUpdate(sql, keys));
  }

  @Override
  public long executeLargeUpdate(String sql, String[] keys) throws SQLException {
    watch.check(sql);
    return watch.run(() -> super.executeLargeUpdate(sql, keys));
  }

  @Override
  public ResultSet executeQuery(String sql) throws SQLException {
    watch.check(sql);
    return results(watch.run(() -> super.executeQuery(sql)));
  }

  @Override
  public void addBatch(String sql) throws SQLException {
    watch.check(sql);
    super.addBatch(sql);
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
