package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;

/** Transactions that hold rows, locks or the clearing away of deleted rows for too long. */
public final class TransactionsCheck extends BuiltIn {
  public TransactionsCheck(BuiltInOptions options) {
    super("transactions", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    if (isPostgres(run)) {
      open(run);
      prepared(run);
      slots(run);
    } else {
      inDoubt(run);
    }
    return true;
  }

  /** Those of other users are seen by members of pg_read_all_stats only. */
  private void open(CheckRun run) throws SQLException {
    String sql =
        """
        SELECT pid, coalesce(usename, '') AS usename, coalesce(application_name, '') AS application, state, xact_start
        FROM pg_catalog.pg_stat_activity
        WHERE datname = current_database() AND xact_start < ? AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        ORDER BY xact_start
        """;
    for (Sighting sighting :
        Query.list(run, sql, TransactionsCheck::isOpen, run.now().minus(options.transactionAge))) {
      run.found(sighting);
    }
  }

  private static Sighting isOpen(ResultSet row) throws SQLException {
    Instant since = Objects.requireNonNull(Times.read(row, "xact_start"));
    return Sighting.warning("TRANSACTION_OPEN", "pid " + row.getInt("pid"))
        .cause("a transaction is open for long")
        .happenedAt(since)
        .detail(
            "user "
                + row.getString("usename")
                + ", application "
                + orNone(row.getString("application"))
                + ", "
                + row.getString("state")
                + " since "
                + since
                + ": deleted rows cannot be cleared away, and the outbox gets slower (end it, or"
                + " set idle_in_transaction_session_timeout)")
        .build();
  }

  private void prepared(CheckRun run) throws SQLException {
    String sql =
        """
        SELECT gid, owner, prepared FROM pg_catalog.pg_prepared_xacts
        WHERE database = current_database() AND prepared < ? ORDER BY prepared
        """;
    for (Sighting sighting :
        Query.list(
            run,
            sql,
            row ->
                Sighting.error("TRANSACTION_PREPARED", row.getString("gid"))
                    .cause("a prepared transaction was forgotten")
                    .happenedAt(Times.read(row, "prepared"))
                    .detail(
                        "prepared by "
                            + row.getString("owner")
                            + " at "
                            + Objects.requireNonNull(Times.read(row, "prepared"))
                            + ": it holds its locks, and keys it claimed stay in flight (COMMIT"
                            + " PREPARED or ROLLBACK PREPARED)")
                    .build(),
            run.now().minus(options.transactionAge))) {
      run.found(sighting);
    }
  }

  private static void slots(CheckRun run) throws SQLException {
    String sql =
        """
        SELECT slot_name, coalesce(plugin, 'physical') AS plugin FROM pg_catalog.pg_replication_slots
        WHERE NOT active AND (database = current_database() OR database IS NULL) ORDER BY slot_name
        """;
    for (Sighting sighting :
        Query.list(
            run,
            sql,
            row ->
                Sighting.warning("REPLICATION_SLOT_IDLE", row.getString("slot_name"))
                    .cause("nobody reads from a replication slot")
                    .detail(
                        "the server keeps everything since the slot, of "
                            + row.getString("plugin")
                            + ", was read last, until its disk is full (start its reader, or drop"
                            + " it)")
                    .build())) {
      run.found(sighting);
    }
  }

  private static void inDoubt(CheckRun run) throws SQLException {
    String sql =
        "SELECT TRANSACTION_NAME, TRANSACTION_STATE FROM INFORMATION_SCHEMA.IN_DOUBT ORDER BY"
            + " TRANSACTION_NAME";
    for (Sighting sighting :
        Query.list(
            run,
            sql,
            row ->
                Sighting.error("TRANSACTION_PREPARED", row.getString(1))
                    .cause("a prepared transaction was forgotten")
                    .detail(
                        row.getString(2)
                            + ": it holds its locks (COMMIT TRANSACTION or ROLLBACK TRANSACTION"
                            + " with its name)")
                    .build())) {
      run.found(sighting);
    }
  }
}
