package io.inbox.command.doctor;

import io.inbox.command.database.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;

/** What stands between here and the PostgreSQL server, and what goes on in it. */
final class PostgresServer {
  private static final String LONG = "interval '10 minutes'";

  private final Connection connection;
  private final Query query;
  private final Diagnosis diagnosis;

  PostgresServer(Connection connection, Query query, Diagnosis diagnosis) {
    this.connection = connection;
    this.query = query;
    this.diagnosis = diagnosis;
  }

  void examine() throws SQLException {
    pooler();
    encryption();
    isolation();
    timeouts();
    connections();
    transactions();
    prepared();
    replication();
  }

  /** A pooler answers the driver's start-up itself, so the server process is another one. */
  private void pooler() throws SQLException {
    String told = String.valueOf(connection.unwrap(PGConnection.class).getBackendPID());
    if (query.text("SELECT pg_backend_pid()").equals(told)) {
      diagnosis.ok("pooler", "none between here and the server");
    } else {
      diagnosis.warn(
          "pooler",
          "a pooler stands between here and the server",
          "a service needs prepareThreshold=0 in its URL, or poolerKeepsStatements where that is true");
    }
  }

  // Locks: none. Reads a view of the server's own, as do the statements below.
  private void encryption() throws SQLException {
    String tls =
        query.text(
            "SELECT CASE WHEN s.ssl THEN s.version WHEN inet_client_addr() IS NULL OR host(inet_client_addr()) IN ('127.0.0.1', '::1') THEN 'local' END"
                + " FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()");
    if (tls.isEmpty()) {
      diagnosis.warn(
          "encryption",
          "messages and the password's proof cross the network unencrypted",
          "add sslmode=verify-full to the URL, and a certificate to the server");
    } else {
      diagnosis.ok("encryption", tls.equals("local") ? "not needed, the server is local" : tls);
    }
  }

  private void isolation() throws SQLException {
    String level = query.text("SELECT current_setting('default_transaction_isolation')");
    if (level.equals("read committed")) {
      diagnosis.ok("isolation", level);
    } else {
      diagnosis.warn(
          "isolation",
          "transactions are " + level + " by default, so a race for a key is run again",
          "read committed is enough: the key decides");
    }
  }

  private void timeouts() throws SQLException {
    long statement =
        Long.parseLong(
            query.text("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'"));
    if (statement > 0 && statement < 10_000) {
      diagnosis.warn(
          "timeouts",
          "statement_timeout of this login is " + statement + " ms",
          "collector and reconciler have statements that take longer: set it for the service only");
    } else {
      diagnosis.ok(
          "timeouts",
          statement == 0
              ? "statement_timeout is off"
              : "statement_timeout is " + statement + " ms");
    }
  }

  private void connections() throws SQLException {
    long used =
        query.first("SELECT count(*) FROM pg_stat_activity", row -> row.number(1)).orElse(0L);
    long most = Long.parseLong(query.text("SELECT current_setting('max_connections')"));
    String what = used + " of " + most + " connections are used";
    if (used * 10 >= most * 8) {
      diagnosis.warn(
          "connections", what, "smaller pools, or a pooler, before services are refused");
    } else {
      diagnosis.ok("connections", what);
    }
  }

  private void transactions() throws SQLException {
    List<String> oldest =
        query.list(
            "SELECT format('%s of %s, %s, since %s', pid, usename, state, date_trunc('second', xact_start)) FROM pg_stat_activity"
                + " WHERE xact_start < clock_timestamp() - "
                + LONG
                + " AND backend_type = 'client backend' ORDER BY xact_start LIMIT 3",
            row -> row.string(1));
    if (oldest.isEmpty()) {
      diagnosis.ok("transactions", "none that this login may see is older than 10 minutes");
    } else {
      diagnosis.warn(
          "transactions",
          "old ones keep deleted rows from being cleared away: " + String.join("; ", oldest),
          "end them, or set idle_in_transaction_session_timeout");
    }
  }

  private void prepared() throws SQLException {
    long old =
        query
            .first(
                "SELECT count(*) FROM pg_prepared_xacts WHERE prepared < clock_timestamp() - "
                    + LONG,
                row -> row.number(1))
            .orElse(0L);
    if (old == 0) {
      diagnosis.ok("prepared", "no prepared transaction is older than 10 minutes");
    } else {
      diagnosis.warn(
          "prepared",
          old + " prepared transactions are older than 10 minutes, and hold locks and rows",
          "COMMIT PREPARED or ROLLBACK PREPARED them");
    }
  }

  private void replication() throws SQLException {
    List<String> idle =
        query.list(
            "SELECT slot_name::text FROM pg_replication_slots WHERE NOT active ORDER BY 1",
            row -> row.string(1));
    if (!idle.isEmpty()) {
      diagnosis.warn(
          "replication slots",
          "nobody reads from " + String.join(", ", idle) + ", and the server keeps all since",
          "drop them, or start their readers");
    } else {
      diagnosis.ok("replication slots", "none without a reader");
    }
    long standbys =
        query.first("SELECT count(*) FROM pg_stat_replication", row -> row.number(1)).orElse(0L);
    boolean synchronous =
        !query.text("SELECT current_setting('synchronous_standby_names')").isEmpty();
    if (standbys > 0 && !synchronous) {
      diagnosis.warn(
          "failover",
          "standbys are asynchronous: a failover may lose the last acknowledged messages",
          "set synchronous_standby_names, or reconcile with the source after a failover");
    } else {
      diagnosis.ok("failover", standbys == 0 ? "no standby" : "standbys are synchronous");
    }
  }
}
