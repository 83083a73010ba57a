package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.SqlHandler;
import io.inbox.outbox.OutboxMessage;
import io.inbox.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jooq.Query;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The synchronous standby is gone, so that COMMIT waits on the server after it has happened. */
class SynchronousReplicationTest {
  private static final String COMMIT_WAITS =
      "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')";

  private static PostgresServer server;
  private static PaymentsDatabase database;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeAll
  static void startServer() throws SQLException {
    server = PostgresServer.start(PostgresServer.NEWEST); // its own: every commit on it stalls
    database = PaymentsDatabase.on(server);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void emptyTables() throws SQLException {
    database.execute("TRUNCATE applied, inbox.message");
  }

  @AfterEach
  void letCommitsThrough() throws SQLException {
    replicate();
    threads.shutdown();
  }

  @Test
  void doesNotAcknowledgeACommitWhoseWaitForTheStandbyWasCancelled() throws Exception {
    Message message = PaymentsDatabase.message("cancelled");
    try (HikariDataSource pool = database.pool(2);
        Inbox inbox = PaymentsDatabase.inbox("payments", pool).build()) {
      assertInDoubt(cancelled(inbox, message));

      assertThat(database.applied("cancelled")).as("it stands on this server").isOne();
      assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
          .as("the redelivery writes nothing, so it does not wait for the standby")
          .isInstanceOf(Outcome.Duplicate.class);
      replicate();
      assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
          .isInstanceOf(Outcome.Duplicate.class);
      assertThat(database.applied("cancelled")).isOne();
    }
  }

  @Test
  void findsThatWarningWhereTheCommitCameWithTheOutbox() throws Exception {
    Message message = PaymentsDatabase.message("appended");
    try (HikariDataSource pool = database.pool(2);
        Inbox inbox = PaymentsDatabase.inbox("payments", pool).build()) {
      assertInDoubt(
          cancelled(
              inbox,
              message,
              tx -> {
                PaymentsDatabase.apply(tx, message);
                tx.outbox().append(OutboxMessage.of("orders", "one", new byte[0]));
              }));
    } finally {
      replicate();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void findsThatWarningWhereQueriesWentWithTheirClaim(int queries) throws Exception {
    Query conditional =
        DSL.insertInto(DSL.table("applied"), DSL.field("message_id", String.class))
            .values("queries");
    try (HikariDataSource pool = database.pool(2);
        Inbox inbox = PaymentsDatabase.inbox("payments", pool).build()) {
      SqlHandler handler =
          queries == 1 ? inbox.sql(conditional) : inbox.sql(conditional, conditional);
      assertThat(handler.isOneRoundTrip()).isTrue();
      Message message = PaymentsDatabase.message("queries");
      stall();
      Future<Outcome<Void>> outcome = threads.submit(() -> handler.process(message, Map.of()));
      database.await(COMMIT_WAITS);
      cancelWaits();
      assertInDoubt(outcome.get());
      assertThat(database.applied("queries")).as("it stands here").isEqualTo(queries);
    } finally {
      replicate();
    }
  }

  @Test
  void findsThatWarningBehindOthers() throws Exception {
    database.execute(
        "CREATE FUNCTION talk() RETURNS trigger LANGUAGE plpgsql AS"
            + " $$ BEGIN RAISE NOTICE 'committing'; RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER talk AFTER INSERT ON applied DEFERRABLE INITIALLY DEFERRED"
            + " FOR EACH ROW EXECUTE FUNCTION talk()");
    Message message = PaymentsDatabase.message("talkative");
    try (HikariDataSource pool = database.pool(2);
        Inbox inbox = PaymentsDatabase.inbox("payments", pool).build()) {
      assertInDoubt(cancelled(inbox, message));
    } finally {
      replicate();
      database.execute("DROP TRIGGER talk ON applied", "DROP FUNCTION talk()");
    }
  }

  @Test
  void leavesTheDecisionToRedeliveryWhenTheClientGivesUpWaiting() throws Exception {
    Message message = PaymentsDatabase.message("timed-out");
    try (HikariDataSource pool = PaymentsDatabase.pool(database.url() + "&socketTimeout=1", 2);
        Inbox inbox =
            PaymentsDatabase.inbox("payments", pool).wait(Duration.ofMillis(200)).build()) {
      stall();

      assertInDoubt(inbox.process(message, PaymentsDatabase.applying(message)));

      assertThat(database.applied("timed-out")).as("invisible until it is replicated").isZero();
      replicate();
      database.await("NOT " + COMMIT_WAITS);
      assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
          .isInstanceOf(Outcome.Duplicate.class);
      assertThat(database.applied("timed-out")).isOne();
    }
  }

  private Outcome<Void> cancelled(Inbox inbox, Message message) throws Exception {
    return cancelled(inbox, message, PaymentsDatabase.applying(message));
  }

  private Outcome<Void> cancelled(Inbox inbox, Message message, Handler handler) throws Exception {
    stall();
    Future<Outcome<Void>> outcome = threads.submit(() -> inbox.process(message, handler));
    database.await(COMMIT_WAITS);
    cancelWaits();
    return outcome.get();
  }

  private void stall() throws Exception {
    database.execute("ALTER SYSTEM SET synchronous_standby_names = 'ghost'");
    reload("ghost");
    awaitStalled();
  }

  /**
   * Commits until one waits. Sessions ask the checkpointer whether to wait, so it is not enough
   * that they have read the setting.
   */
  private void awaitStalled() throws Exception {
    Future<?> commit;
    do {
      commit =
          threads.submit(
              () -> {
                database.execute("INSERT INTO applied (message_id) VALUES ('probe')");
                return null;
              });
      while (!commit.isDone() && !database.isTrue(COMMIT_WAITS)) {
        Thread.onSpinWait();
      }
    } while (commit.isDone());
    cancelWaits();
    commit.get();
  }

  private static void cancelWaits() throws SQLException {
    database.rows(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
  }

  private static void replicate() throws SQLException {
    database.execute("ALTER SYSTEM RESET synchronous_standby_names");
    reload("");
  }

  private static void reload(String names) throws SQLException {
    database.execute("SELECT pg_reload_conf()");
    database.await("current_setting('synchronous_standby_names') = '" + names + "'");
  }

  private static void assertInDoubt(Outcome<Void> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.InFlight.class);
    assertThat(((Outcome.InFlight<Void>) outcome).reason()).isEqualTo(Reason.COMMIT_IN_DOUBT);
    assertThat(outcome.acknowledge()).isFalse();
  }
}
