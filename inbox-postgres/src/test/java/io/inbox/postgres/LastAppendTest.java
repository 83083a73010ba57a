package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Transaction;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.OutboxSettings;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.testkit.fault.FaultProxy.Fault;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is appended goes to the server together with the COMMIT, and is worth as much. */
class LastAppendTest {
  private static final String ROWS = "SELECT count(*) FROM inbox.outbox";

  private static PaymentsDatabase database;

  private final AtomicInteger runs = new AtomicInteger();
  private FaultProxy proxy;
  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeAll
  static void createDatabase() throws SQLException {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
  }

  @BeforeEach
  void connectThroughTheProxy() throws Exception {
    proxy = FaultProxy.before(PostgresServer.shared(PostgresServer.NEWEST).port());
    pool = PaymentsDatabase.quietPool(database.urlThrough(proxy.port()) + "&socketTimeout=5", 2);
    // Relays are told by another thread, on another connection, whenever it comes to it.
    OutboxSettings silent = OutboxSettings.builder().notifications(false).build();
    inbox =
        PaymentsDatabase.inbox("payments", pool).wait(Duration.ofSeconds(1)).outbox(silent).build();
    Message first = PaymentsDatabase.message("asks-for-the-slots");
    inbox.process(first, tx -> append(tx, 1));
    database.execute("TRUNCATE applied, inbox.message, inbox.attempt, inbox.outbox");
  }

  @AfterEach
  void close() throws SQLException {
    inbox.close();
    pool.close();
    proxy.close();
    database.execute(
        "ALTER TABLE inbox.outbox DROP CONSTRAINT IF EXISTS refusing",
        "DROP TRIGGER IF EXISTS refusing ON applied");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 9, 100})
  void costsNoRoundTripOfItsOwn(int messages) throws SQLException {
    Message message = PaymentsDatabase.message("appends");

    long before = proxy.roundTrips();
    assertThat(process(message, messages)).isInstanceOf(Outcome.Processed.class);

    assertThat(proxy.roundTrips() - before)
        .as("claim, the handler's statement, rows and COMMIT")
        .isEqualTo(3);
    assertThat(database.number(ROWS)).isEqualTo(messages);
    assertThat(database.applied("appends")).isOne();
    assertThat(open()).as("transactions left open").isZero();
  }

  @Test
  void handlesAgainWhenTheCommitNeverReachedTheServer() throws SQLException {
    assertThat(processWith(Fault.CUT_REQUEST)).isInstanceOf(Outcome.Processed.class);

    assertThat(runs).hasValue(2);
    assertOnce();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"CUT_REPLY", "SWALLOW_REPLY"})
  void recognisesItsOwnCommitWhenOnlyTheAnswerWasLost(Fault fault) throws SQLException {
    assertThat(processWith(fault)).isInstanceOf(Outcome.Duplicate.class);

    assertThat(runs).hasValue(1);
    assertOnce();
  }

  @Test
  void commitsNothingWhenTheRowIsRefused() throws SQLException {
    database.execute("ALTER TABLE inbox.outbox ADD CONSTRAINT refusing CHECK (topic <> 'orders')");

    Outcome<Void> outcome = process(PaymentsDatabase.message("refused"), 3);

    assertNothing(outcome, "refused");
  }

  @Test
  void commitsNothingWhenTheCommitIsRefused() throws SQLException {
    database.execute(
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN RAISE 'refused'; END $$",
        "CREATE CONSTRAINT TRIGGER refusing AFTER INSERT ON applied DEFERRABLE INITIALLY DEFERRED"
            + " FOR EACH ROW EXECUTE FUNCTION refuse()");

    Outcome<Void> outcome = process(PaymentsDatabase.message("too-late"), 1);

    assertNothing(outcome, "too-late");
  }

  @Test
  void commitsNothingWhenTheHandlerSwallowedAnError() throws SQLException {
    Message message = PaymentsDatabase.message("swallowed");

    Outcome<Void> outcome =
        inbox.process(
            message,
            tx -> {
              PaymentsDatabase.apply(tx, message);
              append(tx, 1);
              try (Statement statement = tx.connection().createStatement()) {
                assertThatThrownBy(() -> statement.execute("SELECT 1 / 0"))
                    .isInstanceOf(SQLException.class);
              }
            });

    assertNothing(outcome, "swallowed");
  }

  @Test
  void keepsTheOrderOfTwoOutboxesInOneTransaction() throws Exception {
    try (Outbox first = Outbox.open(PostgresStore.create(), pool);
        Outbox second = Outbox.open(PostgresStore.create(), pool)) {
      JdbcTransactions.on(pool)
          .inTransaction(
              unit -> {
                first.in(unit).append(message("1"));
                second.in(unit).append(message("2"));
                return unit;
              });
    }

    assertThat(database.rows("SELECT causation_id FROM inbox.outbox ORDER BY id"))
        .containsExactly("1", "2");
  }

  private Outcome<Void> process(Message message, int messages) {
    return inbox.process(
        message,
        tx -> {
          PaymentsDatabase.apply(tx, message);
          append(tx, messages);
        });
  }

  private Outcome<Void> processWith(Fault fault) {
    Message message = PaymentsDatabase.message("lost");
    return inbox.process(
        message,
        tx -> {
          PaymentsDatabase.apply(tx, message);
          append(tx, 2);
          if (runs.incrementAndGet() == 1) {
            proxy.arm(fault);
          }
        });
  }

  private static void append(Transaction tx, int messages) {
    for (int i = 0; i < messages; i++) {
      tx.outbox().append(message("cause"));
    }
  }

  private static OutboxMessage message(String cause) {
    return OutboxMessage.to("orders").key("one").causationId(cause).payload(new byte[20]).build();
  }

  private static void assertOnce() throws SQLException {
    assertThat(database.applied("lost")).isOne();
    assertThat(database.remembered("payments")).isOne();
    assertThat(database.number(ROWS)).isEqualTo(2);
  }

  private static void assertNothing(Outcome<Void> outcome, String id) throws SQLException {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(outcome.acknowledge()).isFalse();
    assertThat(database.applied(id)).isZero();
    assertThat(database.remembered("payments")).isZero();
    assertThat(database.number(ROWS)).isZero();
    assertThat(open()).as("transactions left open").isZero();
  }

  private static long open() throws SQLException {
    return database.number(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND state LIKE 'idle in transaction%'");
  }
}
