package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.Watermark;
import io.inbox.Watermark.Positioned;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.testkit.fault.FaultProxy.Fault;
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
import org.junit.jupiter.params.provider.EnumSource;

/** The connection is lost while the commit of a watermark is on its way; and what it costs. */
class WatermarkInDoubtTest {
  private static PaymentsDatabase database;

  private final AtomicInteger runs = new AtomicInteger();
  private FaultProxy proxy;
  private HikariDataSource pool;
  private Inbox inbox;
  private Watermark mark;

  @BeforeAll
  static void createDatabase() throws SQLException {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
  }

  @BeforeEach
  void connectThroughTheProxy() throws Exception {
    database.execute("TRUNCATE applied, inbox.message, inbox.watermark");
    proxy = FaultProxy.before(PostgresServer.shared(PostgresServer.NEWEST).port());
    pool = PaymentsDatabase.pool(database.urlThrough(proxy.port()) + "&socketTimeout=1", 2);
    inbox = PaymentsDatabase.inbox("payments", pool).wait(Duration.ofMillis(300)).build();
    mark = inbox.takeOver("orders", 0);
  }

  @AfterEach
  void close() {
    inbox.close();
    pool.close();
    proxy.close();
  }

  @Test
  void handlesAgainWhenTheCommitNeverReachedTheServer() throws SQLException {
    List<Outcome<Void>> outcomes = processWith(Fault.CUT_REQUEST);

    assertThat(outcomes).allMatch(Outcome.Processed.class::isInstance);
    assertThat(runs).hasValue(2);
    assertOnce();
  }

  /** It was committed, so its watermark says: handled. */
  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"CUT_REPLY", "SWALLOW_REPLY"})
  void recognisesItsOwnCommitWhenOnlyTheAnswerWasLost(Fault fault) throws SQLException {
    List<Outcome<Void>> outcomes = processWith(fault);

    assertThat(outcomes).allMatch(Outcome.OutsideWindow.class::isInstance);
    assertThat(outcomes).allMatch(Outcome::acknowledge);
    assertThat(runs).hasValue(1);
    assertThat(mark.position()).hasValue(4);
    assertOnce();
  }

  @Test
  void decidesNothingWhileTheLostTransactionStillHoldsTheRow() throws SQLException {
    List<Outcome<Void>> outcomes = processWith(Fault.BLACK_HOLE);

    assertThat(outcomes)
        .allSatisfy(
            outcome ->
                assertThat(((Outcome.InFlight<Void>) outcome).reason())
                    .isEqualTo(Reason.COMMIT_IN_DOUBT));
    assertThat(runs).hasValue(1);

    proxy.cutStruck(); // now the server learns that its client is gone
    database.await(
        "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            + " AND state = 'idle in transaction')");
    assertThat(mark.processBatch(batch(0, 5), this::apply))
        .allMatch(Outcome.Processed.class::isInstance);
    assertOnce();
  }

  @Test
  void aBatchCostsOneStatementAndTheCommit() {
    mark.processBatch(batch(0, 1), this::apply);
    long before = proxy.roundTrips();
    mark.processBatch(batch(1, 101), (fresh, tx) -> runs.addAndGet(fresh.size()));

    assertThat(proxy.roundTrips() - before).as("the move, COMMIT").isEqualTo(2);
    assertThat(runs).hasValue(101);
  }

  private List<Outcome<Void>> processWith(Fault fault) {
    return mark.processBatch(
        batch(0, 5),
        (fresh, tx) -> {
          apply(fresh, tx);
          if (runs.get() == 1) {
            proxy.arm(fault);
          }
        });
  }

  private void apply(List<Message> fresh, io.inbox.Transaction tx) throws Exception {
    runs.incrementAndGet();
    for (Message message : fresh) {
      PaymentsDatabase.applying(message).handle(tx);
    }
  }

  private static List<Positioned> batch(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> new Positioned(i, PaymentsDatabase.message("m" + i)))
        .toList();
  }

  private void assertOnce() throws SQLException {
    for (int i = 0; i < 5; i++) {
      assertThat(database.applied("m" + i)).as("m" + i).isEqualTo(1);
    }
  }
}
