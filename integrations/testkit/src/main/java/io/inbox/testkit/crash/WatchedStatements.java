package io.inbox.testkit.crash;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** Hands out connections that report each statement once it was executed. */
record WatchedStatements(DataSource dataSource, Watch watch) implements DataSource {
  @Override
  public Connection getConnection() throws SQLException {
    return watched(dataSource.getConnection());
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return watched(dataSource.getConnection(user, password));
  }

  private Connection watched(Connection connection) {
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          Object answer = call(connection, method, arguments);
          return answer instanceof Statement statement
              ? watched(statement, method.getReturnType(), (Connection) proxy)
              : answer;
        });
  }

  private Statement watched(Statement statement, Class<?> declared, Connection connection) {
    Class<? extends Statement> type =
        declared == CallableStatement.class
            ? CallableStatement.class
            : declared == PreparedStatement.class ? PreparedStatement.class : Statement.class;
    return proxy(
        type,
        (proxy, method, arguments) -> {
          if (method.getName().equals("getConnection")) {
            return connection;
          }
          Object answer = call(statement, method, arguments);
          if (method.getName().startsWith("execute")) {
            watch.executed(connection);
          }
          return answer;
        });
  }

  private static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler calls) {
    return type.cast(
        Proxy.newProxyInstance(
            WatchedStatements.class.getClassLoader(), new Class<?>[] {type}, calls));
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  @Override
  public PrintWriter getLogWriter() throws SQLException {
    return dataSource.getLogWriter();
  }

  @Override
  public void setLogWriter(PrintWriter out) throws SQLException {
    dataSource.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    dataSource.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return dataSource.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() {
    return Logger.getLogger(Logger.GLOBAL_LOGGER_NAME);
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return dataSource.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return dataSource.isWrapperFor(type);
  }
}
