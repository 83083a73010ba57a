package io.inbox.torture.mutant;

import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** Leaves autocommit on, and has no guard that would notice. */
public final class CommitsEachStatement extends Unguarded {
  @Override
  public Transactions transactions(DataSource dataSource) {
    return super.transactions(new AutoCommitting(dataSource));
  }

  /** Hands out connections that stay in autocommit and take a commit for nothing. */
  private record AutoCommitting(DataSource dataSource) implements PlainDataSource {
    @Override
    public Connection getConnection() throws SQLException {
      return Calls.replacing(
          dataSource.getConnection(),
          (method, call) ->
              switch (method) {
                case "getAutoCommit" -> false;
                case "commit", "rollback" -> Calls.NOTHING;
                default -> call.proceed();
              });
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }
}
