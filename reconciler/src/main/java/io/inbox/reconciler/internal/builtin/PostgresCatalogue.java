package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The catalogue of PostgreSQL; nothing here locks. */
final class PostgresCatalogue implements Catalogue {
  private static final String OURS =
      " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND"
          + " c.relname = ANY (?)";

  private final CheckRun run;

  PostgresCatalogue(CheckRun run) {
    this.run = run;
  }

  @Override
  public void look() throws SQLException {
    indexes();
    sequences();
    unlogged();
    rowSecurity();
    rolesThatDoNotWait();
  }

  private List<String> names(String sql) throws SQLException {
    List<String> tables = new ArrayList<>(List.of(Catalogue.tables(run.store().tables())));
    tables.addAll(
        Query.list(
            run,
            "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                + " WHERE i.inhparent = to_regclass(?)",
            row -> row.getString(1),
            run.store().tables().quoted("message")));
    return Query.list(
        run,
        sql,
        row -> row.getString(1),
        run.store().tables().schema(),
        tables.toArray(String[]::new));
  }

  /**
   * One more index on the columns of the primary key does no harm, and is there for a while when
   * that one is built anew; what REINDEX CONCURRENTLY works on is locked by it.
   */
  private void indexes() throws SQLException {
    String second =
        "SELECT i.indexrelid::regclass::text FROM pg_index i, to_regclass(?) t WHERE (i.indrelid = t"
            + " OR i.indrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = t)) AND"
            + " i.indisunique AND NOT i.indisprimary AND NOT EXISTS"
            + " (SELECT FROM pg_index p WHERE p.indrelid = i.indrelid AND p.indisprimary"
            + " AND p.indkey = i.indkey AND i.indpred IS NULL) ORDER BY 1";
    for (String index :
        Query.list(run, second, row -> row.getString(1), run.store().tables().quoted("message"))) {
      run.found(Catalogue.secondUnique(index));
    }
    String without =
        "SELECT c.relname::text FROM pg_class c"
            + OURS
            + " AND c.relkind = 'r' AND NOT EXISTS"
            + " (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND"
            + " i.indisvalid) ORDER BY 1";
    for (String table : names(without)) {
      run.found(Catalogue.noPrimaryKey(table));
    }
    String invalid =
        "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            + OURS
            + " AND NOT i.indisprimary AND NOT (i.indisvalid AND i.indisready) AND NOT EXISTS"
            + " (SELECT FROM pg_locks l WHERE l.relation = i.indexrelid"
            + " AND l.mode = 'ShareUpdateExclusiveLock') ORDER BY 1";
    for (String index : names(invalid)) {
      run.found(
          Sighting.warning("INDEX_INVALID", index)
              .cause("an index is not valid")
              .detail(
                  index
                      + " is kept up to date and never used: REINDEX CONCURRENTLY did not end (drop"
                      + " it, then do it again)")
              .build());
    }
  }

  private void sequences() throws SQLException {
    String sql =
        """
        SELECT s.seqrelid::regclass::text AS name, s.seqcache, c.relname = ? AS outbox,
          coalesce(pg_sequence_last_value(s.seqrelid), 0) * 100.0 / s.seqmax AS used
        FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.classid = 'pg_class'::regclass
          AND d.deptype IN ('i', 'a')
        JOIN pg_class c ON c.oid = d.refobjid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ANY (?) ORDER BY 1
        """;
    record Sequence(String name, long cache, boolean outbox, double used) {}
    for (Sequence sequence :
        Query.list(
            run,
            sql,
            row ->
                new Sequence(
                    row.getString("name"),
                    row.getLong("seqcache"),
                    row.getBoolean("outbox"),
                    row.getDouble("used")),
            run.store().tables().prefix() + "outbox",
            run.store().tables().schema(),
            Catalogue.tables(run.store().tables()))) {
      if (sequence.outbox() && sequence.cache() > 1) {
        run.found(Catalogue.cached(sequence.name(), sequence.cache()));
      }
      if (sequence.used() >= 90) {
        run.found(Catalogue.nearItsEnd(sequence.name(), (long) sequence.used()));
      }
    }
  }

  private void unlogged() throws SQLException {
    String sql =
        "SELECT c.relname::text FROM pg_class c"
            + OURS
            + " AND c.relkind = 'r' AND c.relpersistence <> 'p' ORDER BY 1";
    for (String table : names(sql)) {
      run.found(
          Sighting.error("TABLE_UNLOGGED", table)
              .cause("a table is emptied by a crash")
              .detail(
                  table
                      + " is unlogged: a crash of the server empties it, and what it remembered is"
                      + " handled again (ALTER TABLE ... SET LOGGED)")
              .build());
    }
  }

  private void rowSecurity() throws SQLException {
    String sql =
        "SELECT c.relname::text FROM pg_class c"
            + OURS
            + " AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND NOT c.relforcerowsecurity"
            + " ORDER BY 1";
    for (String table : names(sql)) {
      run.found(
          Sighting.error("ROW_SECURITY_NOT_FORCED", table)
              .cause("row-level security does not bind everyone")
              .detail(
                  "row-level security of "
                      + table
                      + " is enabled but not forced, so its owner sees every tenant (run"
                      + " row-level-security.sql again)")
              .build());
    }
  }

  /** A setting of another role or database shows in no session of this one. */
  private void rolesThatDoNotWait() throws SQLException {
    String sql =
        """
        SELECT coalesce('role ' || r.rolname, 'every role') || coalesce(' in ' || d.datname, '') FROM pg_db_role_setting s
        LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
        WHERE (s.setdatabase = 0 OR d.datname = current_database()) AND 'synchronous_commit=off' = ANY (s.setconfig)
        ORDER BY 1
        """;
    for (String who : Query.list(run, sql, row -> row.getString(1))) {
      run.found(
          Sighting.error("DURABILITY_REDUCED", "synchronous_commit of " + who)
              .cause("a crash may lose acknowledged messages")
              .detail(
                  "synchronous_commit is off for "
                      + who
                      + ": a crash of the server loses what was acknowledged last (ALTER ROLE ..."
                      + " RESET synchronous_commit)")
              .build());
    }
  }
}
