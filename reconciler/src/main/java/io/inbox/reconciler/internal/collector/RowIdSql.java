package io.inbox.reconciler.internal.collector;

import io.inbox.spi.Tables;

/** The statements of {@link RowIdSweep}, for H2. Only validated names are put into their text. */
final class RowIdSql {
  private final Tables tables;

  RowIdSql(Tables tables) {
    this.tables = tables;
  }

  // Locks: none. Scan: one step from the end.
  String last(Target target) {
    return "SELECT _ROWID_ FROM %s ORDER BY _ROWID_ DESC FETCH FIRST 1 ROW ONLY"
        .formatted(tables.quoted(target.table()));
  }

  // Locks: none. Scan: from a row id on.
  String read(Target target) {
    return """
        SELECT _ROWID_, %s, %s FROM %s WHERE _ROWID_ >= ? ORDER BY _ROWID_ FETCH FIRST ? ROWS ONLY"""
        .formatted(parts(target), since(target), tables.quoted(target.table()));
  }

  // Locks: the row; waits for whoever has locked it. Scan: by row id. Deletes only what is as old
  // as
  // it was when it was read.
  String delete(Target target) {
    return "DELETE FROM %s WHERE _ROWID_ = ? AND %s = ?"
        .formatted(tables.quoted(target.table()), since(target));
  }

  // Locks: none. Index: dead letters by key, messages by primary key.
  String obstacle(Target target) {
    return target == Target.MESSAGE
        ? "SELECT 1 FROM %s WHERE %s AND \"state\" = 'OPEN' FETCH FIRST 1 ROW ONLY"
            .formatted(tables.quoted("dead_letter"), key("message_id"))
        : "SELECT 1 FROM %s WHERE %s".formatted(tables.quoted("message"), key("message_id"));
  }

  // Locks: none, or the rows. Index: the primary key.
  String belongings(String table, boolean remove) {
    String id = table.equals("result") ? "message_id" : "handled_id";
    return "%s FROM %s WHERE %s"
        .formatted(remove ? "DELETE" : "SELECT COUNT(*)", tables.quoted(table), key(id));
  }

  // Locks: none.
  String any(String table) {
    return "SELECT 1 FROM %s FETCH FIRST 1 ROW ONLY".formatted(tables.quoted(table));
  }

  private static String key(String id) {
    return "\"tenant\" = ? AND \"consumer\" = ? AND \"source\" = ? AND \"%s\" = ?".formatted(id);
  }

  private static String parts(Target target) {
    return switch (target) {
      case MESSAGE, DEAD_LETTER ->
          "\"tenant\", \"consumer\", \"source\", \"message_id\", \"subject\"";
      case ATTEMPT -> "\"tenant\", \"consumer\", \"source\", \"message_id\", NULL";
      case OUTBOX_DEAD_LETTER -> "\"tenant\", NULL, NULL, NULL, NULL";
      case FINDING -> "\"tenant\", \"consumer\", \"source\", NULL, NULL";
    };
  }

  private static String since(Target target) {
    return switch (target) {
      case MESSAGE -> "GREATEST(\"handled_at\", COALESCE(\"message_time\", \"handled_at\"))";
      case ATTEMPT -> "\"last_failed_at\"";
      case DEAD_LETTER, OUTBOX_DEAD_LETTER ->
          "CASE WHEN \"state\" <> 'OPEN' THEN \"resolved_at\" END";
      case FINDING -> "CASE WHEN NOT \"accepted\" THEN \"resolved_at\" END";
    };
  }
}
