package io.inbox.torture.mutant;

import io.inbox.spi.OutboxStatements;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import io.inbox.testkit.fault.ForwardingOutbox;
import io.inbox.testkit.fault.ForwardingStore;
import io.inbox.torture.worker.Wiring;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.List;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Does not hear what the server says about a commit that it confirms. */
public final class IgnoresWarnings extends Wiring {
  @Override
  public Transactions transactions(DataSource dataSource) {
    return super.transactions(new Silent(dataSource));
  }

  @Override
  public Store store(Store store) {
    return new ForwardingStore(store) {
      @Override
      public OutboxStatements outbox() {
        return new ForwardingOutbox(super.outbox()) {
          @Override
          public @Nullable SQLWarning appendAndCommit(
              Connection connection, List<Appended> messages) throws SQLException {
            super.appendAndCommit(connection, messages);
            return null;
          }
        };
      }
    };
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
