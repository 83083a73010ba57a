package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.BatchHandler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.RetryLaterException;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.testkit.fault.FaultProxy.Fault;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The connection is lost exactly while COMMIT is on its way: by one message, and by a batch. */
class CommitInDoubtTest {
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
  void connectThroughTheProxy() throws IOException, SQLException {
    database.execute("TRUNCATE applied, inbox.message");
    proxy = FaultProxy.before(PostgresServer.shared(PostgresServer.NEWEST).port());
    pool = PaymentsDatabase.pool(database.urlThrough(proxy.port()) + "&socketTimeout=1", 2);
    inbox = PaymentsDatabase.inbox("payments", pool).wait(Duration.ofMillis(300)).build();
  }

  @AfterEach
  void close() {
    inbox.close();
    pool.close();
    proxy.close();
  }

  /** Neither what looks at the database nor what registers the consumer can do harm twice. */
  @ParameterizedTest
  @CsvSource({"1, CUT_REQUEST", "1, CUT_REPLY", "2, CUT_REQUEST", "2, CUT_REPLY"})
  void aStartWhoseCommitIsInDoubtIsToBeTriedAgain(int commit, Fault fault) {
    AtomicInteger commits = new AtomicInteger();
    Inbox.Builder builder =
        Inbox.builder(
            "started",
            PostgresStore.create(),
            JdbcTransactions.on(
                FaultPoints.dataSource(
                    pool,
                    (point, connection) -> {
                      if (point == FaultPoint.P8_COMMITTING
                          && commits.incrementAndGet() == commit) {
                        proxy.arm(fault);
                      }
                    })));

    assertThatThrownBy(builder::build)
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining("IBX-324")
        .hasMessageNotContaining("acknowledge");
    builder.build().close();
  }

  @Test
  void handlesAgainWhenTheCommitNeverReachedTheServer() throws SQLException {
    Message message = PaymentsDatabase.message("lost-request");

    Outcome<Void> outcome = processWith(Fault.CUT_REQUEST, message);

    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(runs).hasValue(2);
    assertOnce(message);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"CUT_REPLY", "SWALLOW_REPLY"})
  void recognisesItsOwnCommitWhenOnlyTheAnswerWasLost(Fault fault) throws SQLException {
    Message message = PaymentsDatabase.message("lost-reply");

    Outcome<Void> outcome = processWith(fault, message);

    assertThat(outcome).isInstanceOf(Outcome.Duplicate.class);
    assertThat(outcome.acknowledge()).isTrue();
    assertThat(runs).hasValue(1);
    assertOnce(message);
  }

  @Test
  void leavesTheDecisionToRedeliveryWhileTheLostTransactionStillHoldsTheKey() throws SQLException {
    Message message = PaymentsDatabase.message("black-hole");

    Outcome<Void> outcome = processWith(Fault.BLACK_HOLE, message);

    assertInDoubt(outcome);
    assertThat(runs).hasValue(1);
    assertThat(database.applied(message.id())).isZero();

    proxy.cutStruck(); // now the server learns that its client is gone
    database.await(
        "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            + " AND state = 'idle in transaction')");
    assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
        .isInstanceOf(Outcome.Processed.class);
    assertOnce(message);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"CUT_REQUEST", "CUT_REPLY"})
  void acknowledgesNothingWhileTheDatabaseCannotBeReached(Fault fault) throws SQLException {
    Message message = PaymentsDatabase.message("unreachable");

    Outcome<Void> outcome =
        inbox.process(
            message,
            tx -> {
              runs.incrementAndGet();
              PaymentsDatabase.apply(tx, message);
              proxy.refuse(true);
              proxy.arm(fault);
            });

    assertInDoubt(outcome);
    assertThat(runs).hasValue(1);

    proxy.refuse(false);
    assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
        .isInstanceOf(
            fault == Fault.CUT_REQUEST ? Outcome.Processed.class : Outcome.Duplicate.class);
    assertOnce(message);
  }

  @Test
  void handlesABatchAgainWhenTheCommitNeverReachedTheServer() throws SQLException {
    List<Message> batch = batch();

    List<Outcome<Void>> outcomes = inbox.processBatch(batch, applying(Fault.CUT_REQUEST));

    assertThat(outcomes).hasSize(20).allMatch(Outcome.Processed.class::isInstance);
    assertThat(runs).hasValue(2);
    assertOnce(batch);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"CUT_REPLY", "SWALLOW_REPLY"})
  void recognisesItsOwnBatchWhenOnlyTheAnswerWasLost(Fault fault) throws SQLException {
    List<Message> batch = batch();

    List<Outcome<Void>> outcomes = inbox.processBatch(batch, applying(fault));

    assertThat(outcomes).hasSize(20).allMatch(Outcome.Duplicate.class::isInstance);
    assertThat(runs).hasValue(1);
    assertOnce(batch);
  }

  @Test
  void leavesABatchToRedeliveryWithoutSplittingItWhileItsLostTransactionHoldsTheKeys()
      throws SQLException {
    List<Message> batch = batch();

    List<Outcome<Void>> outcomes = inbox.processBatch(batch, applying(Fault.BLACK_HOLE));

    assertThat(outcomes).hasSize(20).allSatisfy(CommitInDoubtTest::assertInDoubt);
    assertThat(runs).hasValue(1);
    assertThat(database.number("SELECT count(*) FROM applied")).isZero();
  }

  private Outcome<Void> processWith(Fault fault, Message message) {
    return inbox.process(
        message,
        tx -> {
          PaymentsDatabase.apply(tx, message);
          if (runs.incrementAndGet() == 1) {
            proxy.arm(fault);
          }
        });
  }

  private BatchHandler applying(Fault fault) {
    return (fresh, tx) -> {
      for (Message message : fresh) {
        PaymentsDatabase.apply(tx, message);
      }
      if (runs.incrementAndGet() == 1) {
        proxy.arm(fault);
      }
    };
  }

  private static List<Message> batch() {
    return IntStream.range(0, 20).mapToObj(i -> PaymentsDatabase.message("batch-" + i)).toList();
  }

  private static void assertInDoubt(Outcome<Void> outcome) {
    assertThat(outcome.acknowledge()).isFalse();
    assertThat(outcome).isInstanceOf(Outcome.InFlight.class);
    assertThat(((Outcome.InFlight<Void>) outcome).reason()).isEqualTo(Reason.COMMIT_IN_DOUBT);
  }

  private static void assertOnce(List<Message> messages) throws SQLException {
    for (Message message : messages) {
      assertOnce(message);
    }
  }

  private static void assertOnce(Message message) throws SQLException {
    assertThat(database.applied(message.id())).as(message.id()).isOne();
    assertThat(
            database.number(
                "SELECT count(*) FROM inbox.message WHERE message_id = '" + message.id() + "'"))
        .as(message.id())
        .isOne();
  }
}
