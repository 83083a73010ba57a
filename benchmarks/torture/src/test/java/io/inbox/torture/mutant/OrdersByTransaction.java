package io.inbox.torture.mutant;

import io.inbox.spi.OutboxStatements;
import io.inbox.testkit.fault.ForwardingOutbox;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Publishes in the order of the transactions' ids, which are drawn before the locks are taken. */
public final class OrdersByTransaction extends OutboxWrongly {
  @Override
  OutboxStatements wrong(OutboxStatements right) {
    return new Ordered(right);
  }

  private static final class Ordered extends ForwardingOutbox {
    Ordered(OutboxStatements right) {
      super(right);
    }

    @Override
    public List<Row> read(
        Connection connection,
        String owner,
        List<Range> slots,
        int rowsPerSlot,
        Set<String> withoutTopics)
        throws SQLException {
      List<Row> rows =
          new ArrayList<>(super.read(connection, owner, slots, rowsPerSlot, withoutTopics));
      Map<Long, Long> transactions = new HashMap<>();
      try (PreparedStatement statement =
          connection.prepareStatement(
              "SELECT id, xmin::text::bigint FROM inbox.outbox WHERE id = ANY(?)")) {
        statement.setArray(
            1, connection.createArrayOf("int8", rows.stream().map(Row::id).toArray()));
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            transactions.put(row.getLong(1), row.getLong(2));
          }
        }
      }
      rows.sort(
          Comparator.comparingInt(Row::slot)
              .thenComparingLong(row -> transactions.getOrDefault(row.id(), 0L))
              .thenComparingLong(Row::id));
      return rows;
    }
  }
}
