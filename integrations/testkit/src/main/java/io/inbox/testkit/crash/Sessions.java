package io.inbox.testkit.crash;

import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Hands out connections that can be broken, and that say when a statement goes out next. */
final class Sessions {
  private final DataSource dataSource;
  private final Executing executing;
  private final boolean identified;

  /**
   * Watches what goes through the connections of {@code dataSource}.
   *
   * @param identified whether the server, a PostgreSQL, is asked which process serves a connection
   */
  Sessions(DataSource dataSource, Executing executing, boolean identified) {
    this.dataSource = dataSource;
    this.executing = executing;
    this.identified = identified;
  }

  /** Is told of statements. */
  @FunctionalInterface
  interface Executing {
    /** Called before a statement is executed. */
    void next(Connection connection) throws SQLException;
  }

  /** What a connection unwraps to. */
  interface Session {
    /**
     * Lets the server roll back, gives up the connection, and lets every later call fail as after a
     * broken connection.
     */
    void breakOff() throws SQLException;

    /** Returns the process of the server that serves it, and takes care that no pool keeps it. */
    int toBeTerminated();
  }

  /** The data source to use. */
  DataSource dataSource() {
    return (DataSource)
        Proxy.newProxyInstance(
            Sessions.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              Object answer = call(dataSource, method, arguments);
              return answer instanceof Connection connection
                  ? new Calls(connection).proxy()
                  : answer;
            });
  }

  /** The error of a connection that is broken. */
  static SQLException lost() {
    return new SQLException("the connection is lost, on purpose", "08006");
  }

  /** The process of a PostgreSQL that serves a connection without a transaction. */
  static int serverProcess(Connection connection) throws SQLException {
    int process;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      process = row.getInt(1);
    }
    if (!connection.getAutoCommit()) {
      connection.rollback();
    }
    return process;
  }

  /** Closes a connection for good, so that no pool hands it out again; HikariCP, else by abort. */
  static void giveUp(DataSource dataSource, Connection connection) throws SQLException {
    if (dataSource.isWrapperFor(HikariDataSource.class)) {
      dataSource.unwrap(HikariDataSource.class).evictConnection(connection);
    } else {
      connection.abort(Runnable::run);
      connection.close();
    }
  }

  private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** The calls of one connection. */
  private final class Calls implements InvocationHandler, Session {
    private final Connection connection;
    private final int process;
    private boolean broken;
    private boolean terminated;

    Calls(Connection connection) throws SQLException {
      this.connection = connection;
      this.process = identified ? serverProcess(connection) : 0;
    }

    Connection proxy() {
      return (Connection)
          Proxy.newProxyInstance(
              Sessions.class.getClassLoader(), new Class<?>[] {Connection.class}, this);
    }

    @Override
    public void breakOff() throws SQLException {
      broken = true;
      try {
        if (!connection.getAutoCommit()) {
          connection.rollback();
        }
      } finally {
        giveUp(dataSource, connection);
      }
    }

    @Override
    public int toBeTerminated() {
      terminated = true;
      return process;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      String name = method.getName();
      if (method.getDeclaringClass() == Object.class) {
        return ofObject(proxy, method, arguments);
      }
      if (arguments != null && arguments.length == 1 && arguments[0] == Session.class) {
        return name.equals("unwrap") ? this : true;
      }
      if (broken) {
        return afterBreaking(name);
      }
      if (terminated && name.equals("close")) {
        giveUp(dataSource, connection);
        return null;
      }
      Object answer = call(connection, method, arguments);
      return answer instanceof Statement statement
          ? watched((Connection) proxy, statement, method.getReturnType())
          : answer;
    }

    private Object ofObject(Object proxy, Method method, Object[] arguments) throws Throwable {
      return switch (method.getName()) {
        case "equals" -> proxy == arguments[0];
        case "hashCode" -> System.identityHashCode(proxy);
        default -> call(connection, method, arguments);
      };
    }

    private Object afterBreaking(String name) throws SQLException {
      return switch (name) {
        case "close", "abort" -> null;
        case "isClosed" -> true;
        case "isValid" -> false;
        default -> throw lost();
      };
    }

    private Object watched(Connection proxy, Statement statement, Class<?> type) {
      return Proxy.newProxyInstance(
          Sessions.class.getClassLoader(),
          new Class<?>[] {type},
          (self, method, arguments) -> {
            String name = method.getName();
            if (name.equals("getConnection")) {
              return proxy;
            }
            if (name.startsWith("execute")) {
              executing.next(proxy);
            }
            if (broken && name.startsWith("execute")) {
              throw lost();
            }
            return call(statement, method, arguments);
          });
    }
  }
}
