package io.inbox.command.explain;

import io.inbox.command.database.Query;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds the keys of a message id, a subject or a correlation id. */
final class KeySearch {
  /** Tables with the four columns of a key. */
  private static final List<String> KEYED = List.of("message", "attempt", "dead_letter");

  /** Tables with subject and correlation id. */
  private static final List<String> DESCRIBED = List.of("message", "dead_letter");

  private final Query query;
  private final Tables tables;
  private final Unseen unseen;

  /** Searches in a transaction. */
  KeySearch(Query query, Tables tables, Unseen unseen) {
    this.query = query;
    this.tables = tables;
    this.unseen = unseen;
  }

  /** Returns the keys, each once, at most as many as are asked for and one more. */
  List<Key> keys(Asked asked) throws SQLException {
    boolean byId = asked.what() == Asked.What.MESSAGE_ID;
    Set<Key> found = new LinkedHashSet<>();
    for (String table : byId ? KEYED : DESCRIBED) {
      List<Object> parameters = new ArrayList<>(asked.parameters());
      String all =
          select(table).formatted(tables.quoted(table), asked.what().column())
              + asked.scope().and(parameters)
              + " ORDER BY k.\"tenant\", k.\"consumer\", k.\"source\", k.\"message_id\" FETCH FIRST "
              + (asked.limit() + 1)
              + " ROWS ONLY";
      unseen
          .ask(
              query,
              table,
              () ->
                  query.list(
                      all,
                      row -> new Key(row.string(1), row.string(2), row.string(3), row.string(4)),
                      parameters.toArray()))
          .ifPresent(found::addAll);
    }
    return found.stream().limit(asked.limit() + 1L).toList();
  }

  // Locks: none. Index: an id by the primary key, in dead_letter by dead_letter_key_idx; a subject
  // or correlation id is looked for in the whole table.
  private static String select(String table) {
    return "SELECT DISTINCT k.\"tenant\", k.\"consumer\", k.\"source\", k.\"message_id\" FROM %1$s k WHERE k.\"%2$s\" = ?"
        + (table.equals("dead_letter") ? " AND k.\"message_id\" IS NOT NULL" : "");
  }
}
