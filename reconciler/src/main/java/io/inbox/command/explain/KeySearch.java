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
  private final boolean skips;
  private final Unseen unseen;

  /**
   * Searches in a transaction.
   *
   * @param skips whether the database can be made to skip through an index
   */
  KeySearch(Query query, Tables tables, boolean skips, Unseen unseen) {
    this.query = query;
    this.tables = tables;
    this.skips = skips;
    this.unseen = unseen;
  }

  /** Returns the keys, each once, at most as many as are asked for and one more. */
  List<Key> keys(Asked asked) throws SQLException {
    boolean byId = asked.what() == Asked.What.MESSAGE_ID;
    Set<Key> found = new LinkedHashSet<>();
    for (String table : byId ? KEYED : DESCRIBED) {
      String sql = byId && skips && !table.equals("dead_letter") ? skipping() : whole(table);
      List<Object> parameters = new ArrayList<>(asked.parameters());
      String all =
          sql.formatted(tables.quoted(table), asked.what().column())
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

  // Locks: none. Reads the whole table, but for dead_letter by its index over the message id.
  private static String whole(String table) {
    return "SELECT DISTINCT k.\"tenant\", k.\"consumer\", k.\"source\", k.\"message_id\" FROM %1$s k WHERE k.\"%2$s\" = ?"
        + (table.equals("dead_letter") ? " AND k.\"message_id\" IS NOT NULL" : "");
  }

  /**
   * Finds an id by an index whose last column it is: looks up each of the (tenant, consumer,
   * source) there are, which it finds one after the other. Two probes for each, however large the
   * table.
   */
  // Locks: none. Index: the primary key.
  private static String skipping() {
    return """
        WITH RECURSIVE scope AS (
          (SELECT m.tenant, m.consumer, m.source FROM %1$s m ORDER BY m.tenant, m.consumer, m.source LIMIT 1)
          UNION ALL
          SELECT n.tenant, n.consumer, n.source
          FROM scope s CROSS JOIN LATERAL (
            SELECT m.tenant, m.consumer, m.source FROM %1$s m
            WHERE (m.tenant, m.consumer, m.source) > (s.tenant, s.consumer, s.source)
            ORDER BY m.tenant, m.consumer, m.source LIMIT 1) n)
        SELECT k.tenant, k.consumer, k.source, k.message_id
        FROM scope s, (SELECT ?::text AS id) a, LATERAL (
          SELECT * FROM %1$s m
          WHERE m.tenant = s.tenant AND m.consumer = s.consumer AND m.source = s.source AND m.%2$s = a.id
          LIMIT 1) k
        WHERE true""";
  }
}
