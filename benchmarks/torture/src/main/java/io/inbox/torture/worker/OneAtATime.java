package io.inbox.torture.worker;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
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
  private static final Pattern READS =
      Pattern.compile(
          "\\s*(SET|CALL)\\b.*|\\s*SELECT\\b(?!.*\\b(FOR UPDATE|FINAL TABLE)\\b).*",
          Pattern.DOTALL);

  private final Turn turn = new Turn();

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

  /**
   * Whose turn it is. A thread may write in several transactions; another one may end them, which
   * no lock of Java lets it do.
   */
  private static final class Turn {
    private @Nullable Thread owner;
    private int transactions;

    synchronized void take() {
      boolean interrupted = false;
      while (transactions > 0 && owner != Thread.currentThread()) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      owner = Thread.currentThread();
      transactions++;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    synchronized void end() {
      transactions--;
      notifyAll();
    }
  }

  private final class Session implements InvocationHandler {
    private final Connection connection;
    private final AtomicBoolean writing = new AtomicBoolean();

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
      if (!writing.get()) {
        turn.take();
        writing.set(true);
      }
    }

    void end() {
      if (writing.compareAndSet(true, false)) {
        turn.end();
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
      return !READS.matcher(text.toUpperCase(Locale.ROOT)).matches();
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
