package io.inbox.command.status;

import io.inbox.command.database.Query;
import io.inbox.command.output.Count;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** The keys of each consumer, counted. */
final class CountedKeys {
  private CountedKeys() {}

  // Locks: none. Reads the whole primary key of message.
  static Map<String, Count> of(Query query, Tables tables) throws SQLException {
    Map<String, Count> keys = new HashMap<>();
    query
        .list(
            "SELECT \"consumer\", COUNT(*) FROM "
                + tables.quoted("message")
                + " GROUP BY \"consumer\"",
            row -> Map.entry(row.string(1), new Count(row.number(2), true)))
        .forEach(entry -> keys.put(entry.getKey(), entry.getValue()));
    return keys;
  }
}
