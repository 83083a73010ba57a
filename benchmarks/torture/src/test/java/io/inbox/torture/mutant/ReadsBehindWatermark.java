package io.inbox.torture.mutant;

import io.inbox.spi.OutboxStatements;
import io.inbox.testkit.fault.ForwardingOutbox;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads each slot from the greatest id on that it has seen, and never what commits below it later.
 */
public final class ReadsBehindWatermark extends OutboxWrongly {
  @Override
  OutboxStatements wrong(OutboxStatements right) {
    return new Watermarked(right);
  }

  private static final class Watermarked extends ForwardingOutbox {
    private final Map<Integer, Long> seen = new ConcurrentHashMap<>();

    Watermarked(OutboxStatements right) {
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
          super.read(connection, owner, slots, rowsPerSlot, withoutTopics).stream()
              .filter(row -> row.id() > seen.getOrDefault(row.slot(), 0L))
              .toList();
      return rows;
    }

    @Override
    public int delete(
        Connection connection, String owner, Map<Integer, Long> epochs, List<Row> rows)
        throws SQLException {
      rows.forEach(row -> seen.merge(row.slot(), row.id(), Math::max));
      return super.delete(connection, owner, epochs, rows);
    }
  }
}
