package io.inbox.torture.mutant;

import io.inbox.spi.Transactions;
import io.inbox.torture.worker.Wiring;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** Does not hear what the server says about a commit that it confirms. */
public final class IgnoresWarnings extends Wiring {
  @Override
  public Transactions transactions(DataSource dataSource) {
    return super.transactions(new Silent(dataSource));
  }

  private record Silent(DataSource dataSource) implements PlainDataSource {
    @Override
    public Connection getConnection() throws SQLException {
      return Calls.replacing(
          dataSource.getConnection(),
          (method, call) -> method.equals("getWarnings") ? Calls.NOTHING : call.proceed());
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }
}
