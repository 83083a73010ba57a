package io.inbox.reconciler;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A process that stands still, as far as its database sees: nobody gets a connection. */
final class PausableDataSource implements DataSource {
  private final DataSource inner;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean paused;

  PausableDataSource(DataSource inner) {
    this.inner = inner;
  }

  void pause() {
    set(true);
  }

  void resume() {
    set(false);
  }

  private void set(boolean now) {
    lock.lock();
    try {
      paused = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Connection getConnection() throws SQLException {
    lock.lock();
    try {
      while (paused) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    return inner.getConnection();
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new UnsupportedOperationException();
  }

  @Override
  public PrintWriter getLogWriter() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void setLogWriter(PrintWriter out) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void setLoginTimeout(int seconds) {
    throw new UnsupportedOperationException();
  }

  @Override
  public int getLoginTimeout() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Logger getParentLogger() {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return inner.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return inner.isWrapperFor(type);
  }
}
