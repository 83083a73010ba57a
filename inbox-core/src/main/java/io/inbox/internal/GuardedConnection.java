package io.inbox.internal;

import io.inbox.error.UsageException;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.concurrent.Executor;
import org.jooq.tools.jdbc.DefaultConnection;

/** The connection a handler gets: everything but ending the transaction. */
public final class GuardedConnection extends DefaultConnection {
  private final Watch watch;

  GuardedConnection(Connection delegate, Watch watch) {
    super(delegate);
    this.watch = watch;
  }

  @Override
  public Statement createStatement() throws SQLException {
    watch.check();
    return new GuardedStatement(super.createStatement(), this, watch);
  }

  @Override
  public Statement createStatement(int type, int concurrency) throws SQLException {
    watch.check();
    return new GuardedStatement(super.createStatement(type, concurrency), this, watch);
  }

  @Override
  public Statement createStatement(int type, int concurrency, int holdability) throws SQLException {
    watch.check();
    return new GuardedStatement(super.createStatement(type, concurrency, holdability), this, watch);
  }

  @Override
  public PreparedStatement prepareStatement(String sql) throws SQLException {
    watch.check(sql);
    return new GuardedPreparedStatement(watch.run(() -> super.prepareStatement(sql)), this, watch);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int keys) throws SQLException {
    watch.check(sql);
    return new GuardedPreparedStatement(
        watch.run(() -> super.prepareStatement(sql, keys)), this, watch);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int[] keys) throws SQLException {
    watch.check(sql);
    return new GuardedPreparedStatement(
        watch.run(() -> super.prepareStatement(sql, keys)), this, watch);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, String[] keys) throws SQLException {
    watch.check(sql);
    return new GuardedPreparedStatement(
        watch.run(() -> super.prepareStatement(sql, keys)), this, watch);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency)
      throws SQLException {
    watch.check(sql);
    return new GuardedPreparedStatement(
        watch.run(() -> super.prepareStatement(sql, type, concurrency)), this, watch);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    watch.check(sql);
    return new GuardedPreparedStatement(
        watch.run(() -> super.prepareStatement(sql, type, concurrency, holdability)), this, watch);
  }

  @Override
  public CallableStatement prepareCall(String sql) throws SQLException {
    watch.check(sql);
    return new GuardedCallableStatement(watch.run(() -> super.prepareCall(sql)), this, watch);
  }

  @Override
  public CallableStatement prepareCall(String sql, int type, int concurrency) throws SQLException {
    watch.check(sql);
    return new GuardedCallableStatement(
        watch.run(() -> super.prepareCall(sql, type, concurrency)), this, watch);
  }

  @Override
  public CallableStatement prepareCall(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    watch.check(sql);
    return new GuardedCallableStatement(
        watch.run(() -> super.prepareCall(sql, type, concurrency, holdability)), this, watch);
  }

  @Override
  public void commit() {
    throw refused("commit()");
  }

  @Override
  public void rollback() {
    throw refused("rollback()");
  }

  @Override
  public void close() {
    throw refused("close()");
  }

  @Override
  public void setAutoCommit(boolean autoCommit) {
    throw refused("setAutoCommit");
  }

  @Override
  public void setTransactionIsolation(int level) {
    throw refused("setTransactionIsolation");
  }

  @Override
  public void setReadOnly(boolean readOnly) {
    throw refused("setReadOnly");
  }

  @Override
  public void abort(Executor executor) {
    throw refused("abort");
  }

  @Override
  public DatabaseMetaData getMetaData() throws SQLException {
    watch.check();
    return GuardedMetaData.of(super.getMetaData(), this);
  }

  /** Gives itself for {@code Connection}; a driver's own interface is still to be had. */
  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return type.isInstance(this) ? type.cast(this) : super.unwrap(type);
  }

  @Override
  public Savepoint setSavepoint() throws SQLException {
    watch.check();
    return watch.set(super.setSavepoint());
  }

  @Override
  public Savepoint setSavepoint(String name) throws SQLException {
    watch.check();
    return watch.set(super.setSavepoint(name));
  }

  @Override
  public void rollback(Savepoint savepoint) throws SQLException {
    watch.check();
    super.rollback(savepoint);
    watch.rolledBackTo(savepoint);
  }

  @Override
  public void releaseSavepoint(Savepoint savepoint) throws SQLException {
    watch.check();
    super.releaseSavepoint(savepoint);
  }

  /**
   * Returns the connection behind a handler's one, any other connection itself. For statements of
   * the library: a claim may be refused by a unique index and go on, which must not count as a
   * failed statement of the handler.
   */
  public static Connection unguarded(Connection connection) {
    if (connection instanceof GuardedConnection guarded) {
      guarded.watch.check();
      return guarded.getDelegate();
    }
    return connection;
  }

  private static UsageException refused(String method) {
    return new UsageException(
        "IBX-311",
        "the handler called "
            + method
            + " on its connection: the transaction belongs to Inbox (leave the call out; throw to roll back)");
  }
}
