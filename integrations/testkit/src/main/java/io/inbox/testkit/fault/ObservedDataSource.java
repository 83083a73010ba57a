package io.inbox.testkit.fault;

import io.inbox.testkit.fault.FaultPoints.Observer;
import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** Hands out connections that report how their transactions go. */
final class ObservedDataSource implements DataSource {
  private final DataSource dataSource;
  private final Observer observer;

  ObservedDataSource(DataSource dataSource, Observer observer) {
    this.dataSource = dataSource;
    this.observer = observer;
  }

  @Override
  public Connection getConnection() throws SQLException {
    return observed(dataSource.getConnection());
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return observed(dataSource.getConnection(user, password));
  }

  private Connection observed(Connection connection) throws SQLException {
    Connection observed =
        (Connection)
            Proxy.newProxyInstance(
                Committed.class.getClassLoader(),
                new Class<?>[] {Connection.class, Committed.class},
                new Calls(connection));
    try {
      observer.reached(FaultPoint.P1_CONNECTED, observed);
    } catch (SQLException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
    return observed;
  }

  /** Is told that a statement has committed, so that the commit that follows has nothing to do. */
  interface Committed {
    /** The transaction is over, and that was reported. */
    void byStatement();
  }

  /** The calls of one connection. */
  private final class Calls implements InvocationHandler {
    private final Connection connection;
    private boolean committed;

    Calls(Connection connection) {
      this.connection = connection;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      if (method.getDeclaringClass() == Committed.class) {
        committed = true;
        return null;
      }
      if (arguments != null && arguments.length == 1 && arguments[0] == Committed.class) {
        return method.getName().equals("unwrap") ? proxy : true;
      }
      Connection observed = (Connection) proxy;
      boolean commits = method.getName().equals("commit") && !committed;
      committed &= !method.getName().equals("commit");
      if (commits) {
        observer.reached(FaultPoint.P8_COMMITTING, observed);
      }
      Object answer = call(method, arguments);
      if (commits) {
        observer.reached(FaultPoint.P9_COMMITTED, observed);
      }
      return answer;
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
      try {
        return method.invoke(connection, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
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
