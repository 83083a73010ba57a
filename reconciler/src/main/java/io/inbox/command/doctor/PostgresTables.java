package io.inbox.command.doctor;

import io.inbox.command.database.Query;
import io.inbox.spi.Tables;
import java.sql.SQLException;
import java.util.List;

/** Whether the tables on PostgreSQL are as the migrations made them, where promises hang on it. */
final class PostgresTables {
  private final Query query;
  private final Tables tables;
  private final Diagnosis diagnosis;

  PostgresTables(Query query, Tables tables, Diagnosis diagnosis) {
    this.query = query;
    this.tables = tables;
    this.diagnosis = diagnosis;
  }

  void examine() throws SQLException {
    sequence();
    uniqueIndex();
    indexes();
    unlogged();
    triggers();
    vacuum();
  }

  // Locks: none. Reads the catalogue, as do all statements here.
  private void sequence() throws SQLException {
    String cache =
        query.text(
            """
            SELECT s.seqcache::text
            FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid
            WHERE d.classid = 'pg_class'::regclass AND d.refobjid = to_regclass(?) AND d.deptype = 'i'""",
            tables.quoted("outbox"));
    if (cache.isEmpty()) {
      return; // no outbox, of which the schema's line tells
    }
    if (cache.equals("1")) {
      diagnosis.ok("sequence", "the outbox's ids are given one by one");
    } else {
      diagnosis.fail(
          "sequence",
          "IBX-508: the sequence of the outbox caches " + cache + " ids, so order is not kept",
          "ALTER SEQUENCE ... CACHE 1");
    }
  }

  private void uniqueIndex() throws SQLException {
    List<Boolean> keyed =
        query.list(
            """
            SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid)
            FROM pg_class c, to_regclass(?) t
            WHERE c.relkind = 'r' AND (c.oid = t OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = t))""",
            row -> row.yes(1),
            tables.quoted("message"));
    List<String> unique =
        query.list(
            """
            SELECT i.indexrelid::regclass::text FROM pg_index i, to_regclass(?) t
            WHERE (i.indrelid = t OR i.indrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = t))
              AND i.indisunique AND NOT i.indisprimary AND NOT EXISTS (
                SELECT FROM pg_index p WHERE p.indrelid = i.indrelid AND p.indisprimary AND p.indkey = i.indkey AND i.indpred IS NULL)
            ORDER BY 1""",
            row -> row.string(1),
            tables.quoted("message"));
    if (keyed.contains(false)) {
      diagnosis.fail(
          "unique index",
          "message, or a partition of it, has no primary key, so a redelivery may be handled again",
          "stop the consumers and make it again (runbook PRIMARY_KEY_MISSING)");
    } else if (!unique.isEmpty()) {
      diagnosis.fail(
          "unique index",
          "message has unique indexes beside its primary key, and takes a violation of any for a duplicate: "
              + String.join(", ", unique),
          "drop all but the primary key");
    } else if (!keyed.isEmpty()) {
      diagnosis.ok("unique index", "message has one, its primary key");
    }
  }

  private void indexes() throws SQLException {
    List<String> broken =
        names(
            "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND starts_with(c.relname, ?) AND NOT (i.indisvalid AND i.indisready)");
    if (broken.isEmpty()) {
      diagnosis.ok("indexes", "all are valid");
    } else {
      diagnosis.warn(
          "indexes",
          "not valid: " + String.join(", ", broken),
          "a REINDEX CONCURRENTLY did not end: drop what it left behind, then do it again");
    }
  }

  private void unlogged() throws SQLException {
    List<String> unlogged =
        names(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND starts_with(c.relname, ?) AND c.relkind = 'r' AND c.relpersistence <> 'p'");
    if (unlogged.isEmpty()) {
      diagnosis.ok("persistence", "all tables are logged");
    } else {
      diagnosis.fail(
          "persistence",
          "emptied by a crash of the server, as they are unlogged: " + String.join(", ", unlogged),
          "ALTER TABLE ... SET LOGGED");
    }
  }

  private void triggers() throws SQLException {
    List<String> triggers =
        names(
            "SELECT c.relname || '.' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND starts_with(c.relname, ?) AND NOT t.tgisinternal AND t.tgenabled <> 'D'");
    if (triggers.isEmpty()) {
      diagnosis.ok("triggers", "none on the tables of Inbox");
    } else {
      diagnosis.warn(
          "triggers",
          "triggers run with every message: " + String.join(", ", triggers),
          "one that fails or changes a row breaks a delivery: be sure of them");
    }
  }

  private void vacuum() throws SQLException {
    List<String> without =
        names(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE n.nspname = ? AND starts_with(c.relname, ?) AND 'autovacuum_enabled=false' = ANY (c.reloptions)");
    boolean off = query.text("SELECT current_setting('autovacuum')").equals("off");
    if (off || !without.isEmpty()) {
      diagnosis.warn(
          "autovacuum",
          off ? "autovacuum is off" : "autovacuum is off for " + String.join(", ", without),
          "switch it on: the outbox lives on deleted rows being cleared away");
    } else {
      diagnosis.ok("autovacuum", "on");
    }
  }

  private List<String> names(String sql) throws SQLException {
    return query.list(sql + " ORDER BY 1", row -> row.string(1), tables.schema(), tables.prefix());
  }
}
