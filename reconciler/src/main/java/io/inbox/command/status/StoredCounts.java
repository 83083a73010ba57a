package io.inbox.command.status;

import io.inbox.command.database.Query;
import io.inbox.command.output.Count;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Row counts that H2 keeps for each table; it keeps none for parts of one. */
final class StoredCounts implements RowCounts {
  private final Query query;
  private final Tables tables;
  private final boolean exact;

  /**
   * Asks in a transaction.
   *
   * @param exact whether to count where no number is kept, however long it takes
   */
  StoredCounts(Query query, Tables tables, boolean exact) {
    this.query = query;
    this.tables = tables;
    this.exact = exact;
  }

  @Override
  public Map<String, Count> keysByConsumer() throws SQLException {
    return exact || rows("message") <= COUNTED ? CountedKeys.of(query, tables) : Map.of();
  }

  @Override
  public List<Room> rooms(List<String> names) throws SQLException {
    List<Room> rooms = new ArrayList<>();
    for (String name : names) {
      Optional<Long> rows = query.ifVisible(() -> rows(name));
      rows.ifPresent(count -> rooms.add(new Room(name, new Count(count, true), null, null)));
    }
    return rooms;
  }

  // Locks: none. Without a condition H2 knows the answer.
  private long rows(String table) throws SQLException {
    return query
        .first("SELECT COUNT(*) FROM " + tables.quoted(table), row -> row.number(1))
        .orElse(0L);
  }
}
