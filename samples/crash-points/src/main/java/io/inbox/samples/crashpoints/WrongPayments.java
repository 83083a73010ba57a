package io.inbox.samples.crashpoints;

import io.inbox.Message;
import io.inbox.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Writes the journal on a connection of its own, as a repository does that knows only the pool. */
final class WrongPayments extends Payments {
  private @Nullable DataSource connections;

  @Override
  public void start(DataSource connections) {
    this.connections = connections;
  }

  @Override
  void handle(Message message, Transaction tx) throws SQLException {
    try (Connection own = Objects.requireNonNull(connections).getConnection()) {
      journal(own, message);
    }
    credit(tx.connection());
  }
}
