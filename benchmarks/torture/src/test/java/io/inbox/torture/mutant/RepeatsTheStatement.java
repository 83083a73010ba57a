package io.inbox.torture.mutant;

import io.inbox.spi.Transactions;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Repeats the statement that lost a race, and not the transaction: what came before it is gone. Has
 * no guard that would notice.
 */
public final class RepeatsTheStatement extends Unguarded {
  @Override
  public Transactions transactions(DataSource dataSource) {
    return super.transactions(new Repeating(dataSource));
  }

  /** Hands out connections whose prepared statements are executed again after a lost race. */
  private record Repeating(DataSource dataSource) implements PlainDataSource {
    @Override
    public Connection getConnection() throws SQLException {
      return Calls.replacing(
          dataSource.getConnection(),
          (method, call) -> {
            Object answer = call.proceed();
            return answer instanceof PreparedStatement statement ? repeating(statement) : answer;
          });
    }

    private static PreparedStatement repeating(PreparedStatement statement) {
      return (PreparedStatement)
          Proxy.newProxyInstance(
              PreparedStatement.class.getClassLoader(),
              new Class<?>[] {PreparedStatement.class},
              (proxy, method, arguments) -> {
                try {
                  return method.invoke(statement, arguments);
                } catch (InvocationTargetException e) {
                  if (!(e.getCause() instanceof SQLException lost)
                      || !"40001".equals(lost.getSQLState())) {
                    throw e.getCause();
                  }
                  return method.invoke(statement, arguments);
                }
              });
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }
}
