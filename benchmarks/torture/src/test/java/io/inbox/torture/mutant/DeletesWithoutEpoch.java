package io.inbox.torture.mutant;

import io.inbox.spi.OutboxStatements;
import io.inbox.testkit.fault.ForwardingOutbox;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** Deletes what it has published, whoever owns the slot by now. */
public final class DeletesWithoutEpoch extends OutboxWrongly {
  @Override
  OutboxStatements wrong(OutboxStatements right) {
    return new Careless(right);
  }

  private static final class Careless extends ForwardingOutbox {
    Careless(OutboxStatements right) {
      super(right);
    }

    @Override
    public int delete(
        Connection connection, String owner, Map<Integer, Long> epochs, List<Row> rows)
        throws SQLException {
      try (PreparedStatement statement =
          connection.prepareStatement("DELETE FROM inbox.outbox WHERE id = ANY(?)")) {
        statement.setArray(
            1, connection.createArrayOf("int8", rows.stream().map(Row::id).toArray()));
        return statement.executeUpdate();
      }
    }
  }
}
