package io.inbox.command.letters;

import io.inbox.command.database.Query;
import io.inbox.command.deed.Item;
import io.inbox.command.output.Block;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The dead letters of one side. */
public interface Letters {
  /** Returns letters in the order in which they were given up, without headers and payload. */
  Page list(Query query, Selection selection, int limit) throws SQLException;

  /** Returns everything that is known about a letter. */
  Optional<Shown> show(Query query, long id) throws SQLException;

  /** Returns what must be known to end letters, in the order of their ids. */
  List<Item> find(Query query, Selection selection, int limit) throws SQLException;

  /** Returns the letter with an id. */
  Optional<Item> find(Query query, long id) throws SQLException;

  /**
   * A part of a list.
   *
   * @param block the list
   * @param rows how many letters are in it
   * @param last the greatest id in it
   */
  record Page(Block block, int rows, long last) {}

  /**
   * A letter in full.
   *
   * @param block what is known
   * @param payload the payload; empty if there is none, or none that this login may see
   */
  record Shown(Block block, Optional<byte[]> payload) {}
}
