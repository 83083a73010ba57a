package io.inbox.command.status;

import io.inbox.command.output.Count;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How many rows there are, without reading large tables unless asked to. */
interface RowCounts {
  /** Up to so many rows are counted; a second or less. */
  long COUNTED = 100_000;

  /** Returns how many keys each consumer has; empty where only counting could tell. */
  Map<String, Count> keysByConsumer() throws SQLException;

  /** Returns the room that tables take. */
  List<Room> rooms(List<String> tables) throws SQLException;

  /**
   * The room a table takes.
   *
   * @param table its name without the prefix
   * @param rows how many rows; null if not known
   * @param bytes with its indexes; null if not known
   * @param dead rows that are deleted and still take room; null if not known
   */
  record Room(String table, @Nullable Count rows, @Nullable Long bytes, @Nullable Long dead) {}
}
