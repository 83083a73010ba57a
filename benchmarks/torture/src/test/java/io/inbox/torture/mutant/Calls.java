package io.inbox.torture.mutant;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;

/** Connections some of whose calls do something else. */
final class Calls {
  /** What a call returns that does nothing. */
  static final Object NOTHING = new Object();

  private Calls() {}

  /** Decides what a call does. */
  @FunctionalInterface
  interface Replacement {
    Object call(String method, Call original) throws Throwable;
  }

  /** The call itself. */
  @FunctionalInterface
  interface Call {
    Object proceed() throws Throwable;
  }

  static Connection replacing(Connection connection, Replacement replacement) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              Object answer =
                  replacement.call(
                      method.getName(),
                      () -> {
                        try {
                          return method.invoke(connection, arguments);
                        } catch (InvocationTargetException e) {
                          throw e.getCause();
                        }
                      });
              return answer == NOTHING ? null : answer;
            });
  }
}
