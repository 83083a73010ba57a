package io.inbox.torture.worker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Lets one transaction at a time write to the H2 file of this process, from its first write to its
 * end; others read meanwhile.
 *
 * <p>Else a kill of the process would find what is H2's: it writes its maps one after the other
 * while other sessions go on (its issue 2080), so that a part of a transaction may be left.
 */
final class OneAtATime {
  private static final Pattern WRITES =
      Pattern.compile(
          "\\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|CREATE|ALTER|DROP|WITH)\\b.*|.*\\bFOR UPDATE\\b.*",
          Pattern.DOTALL);

  private final ReentrantLock turn = new ReentrantLock();

  private OneAtATime() {}

  static DataSource on(DataSource dataSource) {
    OneAtATime all = new OneAtATime();
    return proxy(
        DataSource.class,
        (self, method, arguments) -> {
          @Nullable Object result = call(dataSource, method, arguments);
          return result instanceof Connection connection
              ? proxy(Connection.class, all.new Session(connection))
              : result;
        });
  }

  /** A connection, used by one thread, but for one that has a transaction already. */
  private final class Session implements InvocationHandler {
    private final Connection connection;
    private boolean writing;

    Session(Connection connection) {
      this.connection = connection;
    }

    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments)
        throws Throwable {
      switch (method.getName()) {
        case "commit", "rollback", "close", "abort", "setAutoCommit" -> {
          // Not a rollback to a savepoint; and autocommit is not switched off within a transaction.
          boolean ends = !method.getName().equals("rollback") || arguments == null;
          try {
            return call(connection, method, arguments);
          } finally {
            if (ends) {
              end();
            }
          }
        }
        case "equals" -> {
          return arguments != null && self == arguments[0];
        }
        case "hashCode" -> {
          return System.identityHashCode(self);
        }
        default -> {
          @Nullable Object result = call(connection, method, arguments);
          return result instanceof Statement statement
              ? proxy(method.getReturnType(), new Execution(this, statement, text(arguments)))
              : result;
        }
      }
    }

    void begin() {
      if (!writing) {
        turn.lock();
        writing = true;
      }
    }

    void end() {
      if (writing) {
        writing = false;
        turn.unlock();
      }
    }
  }

  private record Execution(Session session, Statement statement, String prepared)
      implements InvocationHandler {
    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments)
        throws Throwable {
      if (!method.getName().startsWith("execute") || !writes(arguments)) {
        return call(statement, method, arguments);
      }
      session.begin();
      try {
        return call(statement, method, arguments);
      } finally {
        if (alone()) {
          session.end();
        }
      }
    }

    private boolean writes(Object @Nullable [] arguments) {
      String text = prepared.isEmpty() ? text(arguments) : prepared;
      return WRITES.matcher(text.toUpperCase(Locale.ROOT)).matches();
    }

    private boolean alone() {
      try {
        return session.connection.getAutoCommit();
      } catch (SQLException e) {
        return false; // it is closed next
      }
    }
  }

  private static String text(Object @Nullable [] arguments) {
    return arguments != null && arguments.length > 0 && arguments[0] instanceof String text
        ? text
        : "";
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(OneAtATime.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
