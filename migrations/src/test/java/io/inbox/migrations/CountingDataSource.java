package io.inbox.migrations;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * Counts open connections, gives no more than a pool of its size would, and notes each that is
 * given back with other settings than it was taken with.
 */
final class CountingDataSource extends DelegatingDataSource {
  private final List<String> changed;
  private final int size;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  CountingDataSource(DataSource delegate, int size, List<String> changed) {
    super(delegate);
    this.size = size;
    this.changed = changed;
  }

  int open() {
    return open.get();
  }

  int most() {
    return most.get();
  }

  @Override
  public Connection getConnection() throws SQLException {
    if (open.get() == size) {
      throw new SQLTransientConnectionException("Connection is not available, request timed out");
    }
    Connection connection = super.getConnection();
    most.accumulateAndGet(open.incrementAndGet(), Math::max);
    String before = settings(connection);
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close") && !connection.isClosed()) {
                open.decrementAndGet();
                String after = settings(connection);
                if (!after.equals(before)) {
                  changed.add(before + " became " + after);
                }
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static String settings(Connection connection) throws SQLException {
    boolean postgres = connection.getMetaData().getURL().startsWith("jdbc:postgresql");
    String path =
        postgres
            ? Sql.column(connection, "SHOW search_path")
                + ""
                + Sql.column(connection, "SHOW lock_timeout")
            : connection.getSchema();
    return path + connection.getAutoCommit() + connection.getTransactionIsolation();
  }
}
