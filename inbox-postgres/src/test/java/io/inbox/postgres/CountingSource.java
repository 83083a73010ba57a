package io.inbox.postgres;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/** Connections that count the statements they run. */
final class CountingSource {
  private final DataSource dataSource;
  private final AtomicLong statements = new AtomicLong();
  private final Map<String, Long> texts = new ConcurrentSkipListMap<>();

  CountingSource(DataSource dataSource) {
    this.dataSource = watched(DataSource.class, dataSource, "");
  }

  DataSource dataSource() {
    return dataSource;
  }

  long statements() {
    return statements.get();
  }

  /** Returns each text and how often it ran. */
  String report() {
    StringBuilder report = new StringBuilder();
    texts.forEach((text, times) -> report.append(times).append(" x ").append(text).append('\n'));
    return report.toString();
  }

  private <T> T watched(Class<T> type, Object target, String prepared) {
    return type.cast(
        Proxy.newProxyInstance(
            CountingSource.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              String name = method.getName();
              String text =
                  arguments != null && arguments.length > 0 && arguments[0] instanceof String sql
                      ? sql
                      : prepared;
              if (name.startsWith("execute") && target instanceof Statement) {
                statements.incrementAndGet();
                texts.merge(text.strip().replaceAll("\\s+", " "), 1L, Long::sum);
              }
              try {
                Object result = method.invoke(target, arguments);
                if (result instanceof Connection && name.equals("getConnection")) {
                  return watched(Connection.class, result, "");
                } else if (result instanceof PreparedStatement && name.equals("prepareStatement")) {
                  return watched(PreparedStatement.class, result, text);
                } else if (result instanceof Statement && name.equals("createStatement")) {
                  return watched(Statement.class, result, "");
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }
}
