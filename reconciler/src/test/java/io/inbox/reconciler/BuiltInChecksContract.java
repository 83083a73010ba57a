package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.spi.Codec;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the built-in checks find, and that they find it gone once it was mended. */
@Timeout(300)
abstract class BuiltInChecksContract {
  Ledger ledger;
  private Instant now;

  abstract Ledger open() throws SQLException;

  @BeforeEach
  void prepare() throws SQLException {
    ledger = open();
    now = ledger.now();
    // Collected until just now, so that the default check of the collector is content.
    ledger.update(
        "UPDATE " + table("consumer") + " SET \"purge_horizon\" = ?", now.minus(days(15)));
  }

  @AfterEach
  void close() {
    assertThat(ledger.pool().getHikariPoolMXBean().getActiveConnections()).isZero();
    ledger.close();
  }

  String table(String name) {
    return ledger.store().tables().quoted(name);
  }

  private static Duration days(int days) {
    return Duration.ofDays(days);
  }

  void run() {
    run(BuiltInChecks.ofDefaults());
  }

  void run(BuiltInChecks checks) {
    ReconcileReport report = Ledger.done(ledger.reconciler().builtInChecks(checks).build().run());
    assertThat(report.checks()).allSatisfy(it -> assertThat(it.failure()).isEmpty());
  }

  List<String> open(String check) {
    return ledger.open("inbox." + check);
  }

  /** Asserts that a check has one finding, of which people can make sense. */
  Finding only(String check) {
    List<Finding> found = ledger.findings().list(FindingQuery.first(10).ofCheck("inbox." + check));
    assertThat(found).hasSize(1);
    assertThat(found.get(0).detail()).hasValueSatisfying(it -> assertThat(it).contains("("));
    return found.get(0);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void findNothingOnAFreshDatabase() {
    ReconcileReport report = Ledger.done(ledger.reconciler().build().run());
    assertThat(report.checks()).extracting(CheckReport::check).isEqualTo(BuiltInChecks.names());
    assertThat(report.isClean()).isTrue();
    assertThat(report.isComplete()).isTrue();
    assertThat(ledger.findings().list(FindingQuery.first(10))).isEmpty();
  }

  @Test
  void findDeadLettersThatStayOpen() throws SQLException {
    try (Inbox inbox = ledger.inbox()) {
      inbox.deadLetters().storeWithoutId(java.util.Map.of(), bytes("x"), "no id");
      run();
      assertThat(open("dead-letters")).isEmpty();
      ledger.update(
          "UPDATE " + table("dead_letter") + " SET \"dead_lettered_at\" = ?", now.minus(days(2)));
      run();
      Finding finding = only("dead-letters");
      assertThat(finding.kind()).isEqualTo("DEAD_LETTERS_OPEN");
      assertThat(finding.consumer()).contains(Ledger.CONSUMER);
      inbox
          .deadLetters()
          .discard(ledger.number("SELECT MIN(\"id\") FROM " + table("dead_letter")), "test");
    }
    run();
    assertThat(open("dead-letters")).isEmpty();
  }

  private void append(String topic, String key) throws SQLException {
    try (Outbox outbox = Outbox.open(ledger.store(), ledger.pool());
        Connection connection = ledger.pool().getConnection()) {
      connection.setAutoCommit(false);
      outbox.on(connection).append(OutboxMessage.of(topic, key, bytes("x")));
      connection.commit();
      connection.setAutoCommit(true);
    }
  }

  @Test
  void findMessagesThatAreNotPublished() throws SQLException {
    append("orders", "o-1");
    run();
    assertThat(open("outbox")).isEmpty();
    assertThat(open("leases")).isEmpty();
    ledger.update("UPDATE " + table("outbox") + " SET \"appended_at\" = ?", now.minus(days(1)));
    run();
    assertThat(only("outbox").kind()).isEqualTo("OUTBOX_LAG");
    assertThat(only("leases").kind()).isEqualTo("SLOT_WITHOUT_RELAY");
    ledger.update("DELETE FROM " + table("outbox"));
    run();
    assertThat(open("outbox")).isEmpty();
    assertThat(open("leases")).isEmpty();
  }

  @Test
  void findMessagesThatAreOverdueAndKeysThatAreHeldBack() throws SQLException {
    append("orders", "o-1");
    String columns =
        "\"slot\", \"message_id\", \"tenant\", \"topic\", \"key\", \"payload\", \"appended_at\"";
    ledger.update(
        "INSERT INTO "
            + table("outbox_delayed")
            + " (\"due_at\", "
            + columns
            + ") SELECT ?, "
            + columns
            + " FROM "
            + table("outbox"),
        now.minus(days(1)));
    ledger.update(
        "INSERT INTO "
            + table("outbox_blocked")
            + " (\"slot\", \"lane\", \"tenant\", \"topic\", \"key\", \"attempts\", \"blocked_at\", \"next_attempt_at\") SELECT \"slot\", 'lane', \"tenant\", \"topic\", \"key\", 7, ?, ? FROM "
            + table("outbox"),
        now.minus(days(1)),
        now.plus(days(1)));
    ledger.update("DELETE FROM " + table("outbox"));
    run();
    assertThat(open("outbox"))
        .containsExactly("OUTBOX_KEY_BLOCKED orders o-1", "OUTBOX_OVERDUE delayed messages");
  }

  @Test
  void findJobsThatDiedHangFailedOrAreOverdue() throws SQLException {
    String insert =
        "INSERT INTO "
            + table("job")
            + " (\"job\", \"owner\", \"epoch\", \"lease_until\", \"started_at\", \"registered_at\", \"every_seconds\", \"succeeded_at\", \"outcome\") VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)";
    ledger.update(
        insert,
        "died",
        "host/1",
        now.minus(days(1)),
        now.minus(days(1)),
        now.minus(days(9)),
        null,
        null,
        null);
    ledger.update(
        insert,
        "hangs",
        "host/1",
        now.plus(days(1)),
        now.minus(days(2)),
        now.minus(days(9)),
        null,
        null,
        null);
    ledger.update(
        insert,
        "late",
        null,
        null,
        null,
        now.minus(days(9)),
        3_600L,
        now.minus(days(1)),
        "SUCCEEDED");
    ledger.update(insert, "never", null, null, null, now.minus(days(9)), 3_600L, null, null);
    ledger.update(insert, "young", null, null, null, now, 3_600L, null, null);
    ledger.update(
        insert, "failed", null, null, null, now.minus(days(9)), null, now.minus(days(1)), "FAILED");
    run();
    assertThat(open("leases")).containsExactly("JOB_DIED died", "JOB_RUNS_LONG hangs");
    assertThat(open("jobs"))
        .containsExactly("JOB_FAILED failed", "JOB_OVERDUE late", "JOB_OVERDUE never");
  }

  @Test
  void findACollectorThatIsBehind() throws SQLException {
    ledger.update(
        "UPDATE " + table("consumer") + " SET \"purge_horizon\" = ?", now.minus(days(18)));
    run();
    assertThat(only("collector").kind()).isEqualTo("COLLECTOR_BEHIND");
    // Kept for longer than the window, so nothing is due.
    ledger.update(
        "INSERT INTO "
            + table("retention")
            + " (\"consumer\", \"scope\", \"tenant\", \"keep_seconds\") VALUES ('', 'CONSUMER', '', ?)",
        days(30).toSeconds());
    run();
    assertThat(open("collector")).isEmpty();
    ledger.update("DELETE FROM " + table("retention"));
    ledger.update("UPDATE " + table("consumer") + " SET \"purge_horizon\" = NULL");
    run();
    assertThat(only("collector").reopened()).isEqualTo(1);
    ledger.update("UPDATE " + table("consumer") + " SET \"registered_at\" = ?", now.minus(days(3)));
    run();
    assertThat(open("collector")).isEmpty();
  }

  @Test
  void findAWindowThatIsShorterThanDeclared() {
    run(BuiltInChecks.builder().redeliveryHorizon(days(14)).build());
    assertThat(open("windows")).isEmpty();
    run(BuiltInChecks.builder().redeliveryHorizon(days(15)).build());
    assertThat(only("windows").kind()).isEqualTo("WINDOW_TOO_SHORT");
    run(
        BuiltInChecks.builder()
            .redeliveryHorizon(days(15))
            .redeliveryHorizon(Ledger.CONSUMER, days(1))
            .redeliveryHorizon("payment", days(1))
            .build());
    assertThat(open("windows")).containsExactly("CONSUMER_UNKNOWN payment");
  }

  @Test
  void findAMigrationThatWasLeftOut() throws SQLException {
    ledger.update("DELETE FROM " + table("schema_version") + " WHERE \"version\" = 2");
    run();
    assertThat(only("schema").kind()).isEqualTo("MIGRATION_MISSING");
    ledger.update(
        "INSERT INTO "
            + table("schema_version")
            + " (\"version\", \"compatible_from\") VALUES (2, 1)");
    ledger.update(
        "INSERT INTO "
            + table("schema_version")
            + " (\"version\", \"compatible_from\") VALUES (5, 2)");
    run();
    assertThat(only("schema").kind()).isEqualTo("LIBRARY_OLD");
  }

  @Test
  void findMessagesThatFailedAndDidNotComeAgain() throws SQLException {
    String attempt =
        "INSERT INTO "
            + table("attempt")
            + " (\"tenant\", \"consumer\", \"source\", \"message_id\", \"attempts\", \"last_failed_at\") VALUES ('', 'payments', '', ?, 2, ?)";
    ledger.update(attempt, "gone", now.minus(days(1)));
    ledger.update(attempt, "waits", now);
    ledger.update(attempt, "done", now.minus(days(1)));
    ledger.handled("done", now);
    run();
    assertThat(only("unfinished").item()).isEqualTo("gone");
    ledger.handled("gone", now);
    run();
    assertThat(open("unfinished")).isEmpty();
  }

  private static final Codec<String> TEXT =
      new Codec<>() {
        @Override
        public byte[] encode(String value) {
          return bytes(value);
        }

        @Override
        public String decode(byte[] encoded) {
          return new String(encoded, StandardCharsets.UTF_8);
        }
      };

  @Test
  void findResultsThatWereChanged() throws SQLException {
    try (Inbox inbox = ledger.inbox()) {
      for (int i = 0; i < 40; i++) {
        Message message = Message.builder("m-" + i).source(i % 2 == 0 ? "" : "quelle-ü").build();
        String result = i == 0 ? "" : "result of " + i;
        inbox.typed(TEXT).returning(TEXT).process(message, (value, tx) -> result);
      }
    }
    assertThat(ledger.number("SELECT COUNT(*) FROM " + table("result"))).isEqualTo(40);
    run();
    assertThat(open("results")).isEmpty();
    ledger.update(
        "UPDATE " + table("result") + " SET \"result\" = ? WHERE \"message_id\" = 'm-3'",
        (Object) bytes("x"));
    run();
    assertThat(open("results")).containsExactly("RESULT_CHANGED m-3");
    ledger.update(
        "UPDATE " + table("result") + " SET \"result\" = ? WHERE \"message_id\" = 'm-3'",
        (Object) bytes("result of 3"));
    ledger.update(
        "UPDATE " + table("result") + " SET \"result\" = ? WHERE \"message_id\" = 'm-4'",
        (Object) bytes("y"));
    // Each share in its turn, and none of them says that what another sees is gone.
    for (int i = 0; i < 5; i++) {
      run(BuiltInChecks.builder().resultSample(5).build());
    }
    assertThat(open("results"))
        .as("m-3 was looked up by its key")
        .containsExactly("RESULT_CHANGED m-4");
    run();
    assertThat(open("results")).containsExactly("RESULT_CHANGED m-4");
  }

  @Test
  void findASecondUniqueIndexAndAMissingPrimaryKey() throws SQLException {
    ledger.execute(
        "CREATE UNIQUE INDEX another ON " + table("message") + " (\"consumer\", \"subject\")");
    ledger.execute(
        "ALTER TABLE " + table("attempt") + " DROP CONSTRAINT " + constraint("attempt_pkey"));
    run();
    assertThat(open("settings"))
        .hasSize(2)
        .anySatisfy(
            it -> assertThat(it).startsWith("SECOND_UNIQUE_INDEX").containsIgnoringCase("another"))
        .anySatisfy(it -> assertThat(it).isEqualTo("PRIMARY_KEY_MISSING attempt"));
    ledger.execute("DROP INDEX " + (ledger.isPostgres() ? "inbox.another" : "\"inbox\".another"));
    run();
    assertThat(open("settings")).containsExactly("PRIMARY_KEY_MISSING attempt");
  }

  private String constraint(String name) {
    return ledger.isPostgres() ? name : "\"" + name + "\"";
  }

  @Test
  void findASequenceThatIsNearlyUsedUp() throws SQLException {
    ledger.execute(
        "ALTER TABLE "
            + table("finding")
            + " ALTER COLUMN \"id\" RESTART WITH "
            + (Long.MAX_VALUE / 100 * 95));
    ledger.handled("m", now);
    run();
    run(); // the first run draws the first of those numbers, if it finds anything
    ledger.execute(
        "INSERT INTO " + table("hold") + " (\"reason\", \"placed_by\") VALUES ('x', 'y')");
    if (ledger.isPostgres()) {
      ledger.number("SELECT nextval(pg_get_serial_sequence('inbox.finding', 'id'))");
    }
    run();
    assertThat(open("settings"))
        .singleElement()
        .satisfies(it -> assertThat(it).startsWith("SEQUENCE_NEAR_END").contains("finding"));
  }

  @Test
  void leaveOutWhatIsNotWanted() {
    ReconcileReport report =
        Ledger.done(
            ledger
                .reconciler()
                .builtInChecks(
                    BuiltInChecks.builder().without("settings").without("inbox.outbox").build())
                .build()
                .run());
    assertThat(report.checks())
        .extracting(CheckReport::check)
        .hasSize(BuiltInChecks.names().size() - 2)
        .doesNotContain("inbox.settings", "inbox.outbox");
  }
}
