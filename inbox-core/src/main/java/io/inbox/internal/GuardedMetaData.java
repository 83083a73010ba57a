package io.inbox.internal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;

/**
 * The metadata of a guarded connection, which gives back that connection and not the raw one. Not
 * on the path of a message, so a proxy may stand in for 180 methods that only delegate.
 */
final class GuardedMetaData {
  private GuardedMetaData() {}

  static DatabaseMetaData of(DatabaseMetaData raw, Connection guarded) {
    return (DatabaseMetaData)
        Proxy.newProxyInstance(
            GuardedMetaData.class.getClassLoader(),
            new Class<?>[] {DatabaseMetaData.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getConnection")) {
                return guarded;
              }
              try {
                return method.invoke(raw, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
              }
            });
  }
}
