package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@link BuiltInChecksContract} on PostgreSQL, and what only PostgreSQL can have. */
final class PostgresBuiltInChecksTest extends BuiltInChecksContract {
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server =
        PostgresServer.start(
            PostgresServer.NEWEST,
            Map.of("max_prepared_transactions", "5", "wal_level", "logical"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Override
  Ledger open() throws SQLException {
    return Ledger.on(server);
  }

  private static final BuiltInChecks IMPATIENT =
      BuiltInChecks.builder().transactionAge(Duration.ZERO).build();

  @Test
  void findOpenAndPreparedTransactions() throws SQLException {
    try (Connection connection = ledger.pool().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("INSERT INTO payment (message_id, booked_at) VALUES ('x', now())");
      run(IMPATIENT);
      assertThat(open("transactions"))
          .hasSize(1)
          .allSatisfy(it -> assertThat(it).startsWith("TRANSACTION_OPEN pid "));
      statement.execute("PREPARE TRANSACTION 'forgotten'");
      connection.commit();
      run(IMPATIENT);
      assertThat(open("transactions")).containsExactly("TRANSACTION_PREPARED forgotten");
      connection.setAutoCommit(true);
      statement.execute("ROLLBACK PREPARED 'forgotten'");
    }
    run(IMPATIENT);
    assertThat(open("transactions")).isEmpty();
  }

  @Test
  void findAReplicationSlotThatNobodyReads() throws SQLException {
    ledger.number("SELECT 1 FROM pg_create_logical_replication_slot('idle', 'pgoutput')");
    try {
      run();
      assertThat(only("transactions").kind()).isEqualTo("REPLICATION_SLOT_IDLE");
    } finally {
      ledger.number("SELECT 1 FROM pg_drop_replication_slot('idle')");
    }
  }

  @Test
  void findSettingsThatBreakPromises() throws SQLException {
    ledger.execute("ALTER TABLE inbox.outbox ALTER COLUMN id SET CACHE 20");
    ledger.execute("ALTER TABLE inbox.hold SET UNLOGGED");
    ledger.execute("ALTER TABLE inbox.message ENABLE ROW LEVEL SECURITY");
    ledger.execute("CREATE ROLE hasty_" + ledger.name());
    ledger.execute("ALTER ROLE hasty_" + ledger.name() + " SET synchronous_commit = off");
    try {
      run();
      assertThat(open("settings"))
          .containsExactly(
              "DURABILITY_REDUCED synchronous_commit of role hasty_" + ledger.name(),
              "ROW_SECURITY_NOT_FORCED message",
              "SEQUENCE_CACHED inbox.outbox_id_seq",
              "TABLE_UNLOGGED hold");
    } finally {
      ledger.execute("DROP ROLE hasty_" + ledger.name());
    }
  }

  @Test
  void findACommitThatDoesNotWait() throws SQLException {
    ledger.execute("ALTER DATABASE " + ledger.name() + " SET synchronous_commit = off");
    ledger.pool().getHikariPoolMXBean().softEvictConnections();
    run();
    assertThat(open("settings"))
        .containsExactly(
            "DURABILITY_REDUCED synchronous_commit is off",
            "DURABILITY_REDUCED synchronous_commit of every role in " + ledger.name());
  }

  /** As REINDEX CONCURRENTLY makes one, and keeps it locked, until it is done. */
  @Test
  void leaveAnIndexAloneThatIsBeingBuiltAnew() throws SQLException {
    ledger.execute(
        "CREATE UNIQUE INDEX message_pkey_ccnew ON inbox.message (message_id, consumer, source, tenant)");
    ledger.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'inbox.message_pkey_ccnew'::regclass");
    try (Connection connection = ledger.pool().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(
          "COMMENT ON INDEX inbox.message_pkey_ccnew IS 'locks it as a reindex does'");
      run();
      assertThat(open("settings")).isEmpty();
      connection.rollback();
    }
    run();
    assertThat(open("settings")).containsExactly("INDEX_INVALID inbox.message_pkey_ccnew");
  }

  @Test
  void findAnIndexThatIsNotValid() throws SQLException {
    ledger.execute(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'inbox.finding_check_idx'::regclass");
    run();
    assertThat(open("settings")).containsExactly("INDEX_INVALID inbox.finding_check_idx");
  }
}
