package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.FaultProxy;
import java.sql.PreparedStatement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often a delivery waits for the server, counted on the wire, and on a slow wire. */
class RoundTripsTest {

  private static PaymentsDatabase database;

  private FaultProxy proxy;
  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeAll
  static void createDatabase() throws Exception {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
  }

  @BeforeEach
  void connectThroughTheProxy() throws Exception {
    database.execute("TRUNCATE applied, inbox.message");
    proxy = FaultProxy.before(PostgresServer.shared(PostgresServer.NEWEST).port());
    pool = PaymentsDatabase.quietPool(database.urlThrough(proxy.port()), 1);
    inbox = PaymentsDatabase.inbox("payments", pool).build();
  }

  @AfterEach
  void close() {
    inbox.close();
    pool.close();
    proxy.close();
  }

  @Test
  void aFirstDeliveryCostsOneStatementAndTheCommit() {
    Message message = PaymentsDatabase.message("first");

    long before = proxy.roundTrips();
    assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
        .isInstanceOf(Outcome.Processed.class);

    assertThat(proxy.roundTrips() - before)
        .as("claim, the handler's statement, COMMIT")
        .isEqualTo(3);
  }

  @Test
  void aDuplicateCostsTwoStatementsAndTheCommit() {
    Message message = PaymentsDatabase.message("duplicate");
    inbox.process(message, PaymentsDatabase.applying(message));

    long before = proxy.roundTrips();
    assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
        .isInstanceOf(Outcome.Duplicate.class);

    assertThat(proxy.roundTrips() - before).as("claim, its winner, COMMIT").isEqualTo(3);
  }

  @Test
  void aFreshBatchCostsOneStatementAndTheCommit() {
    List<Message> batch = batch(100);

    long before = proxy.roundTrips();
    assertThat(handle(batch)).allMatch(Outcome.Processed.class::isInstance);

    assertThat(proxy.roundTrips() - before)
        .as("claim, the handler's statement, COMMIT")
        .isEqualTo(3);
  }

  @Test
  void aBatchWithDuplicatesCostsOneStatementMore() {
    List<Message> batch = batch(100);
    handle(batch.subList(0, 50));

    long before = proxy.roundTrips();
    assertThat(handle(batch)).filteredOn(Outcome.Duplicate.class::isInstance).hasSize(50);

    assertThat(proxy.roundTrips() - before)
        .as("claim, winners, the handler's statement, COMMIT")
        .isEqualTo(4);
  }

  @Test
  void aLineThatCutsEverythingIntoSingleBytesChangesNothing() throws Exception {
    proxy.fragment(TimeUnit.MICROSECONDS.toNanos(20));
    Message message = PaymentsDatabase.message("slow");
    List<Message> batch = batch(20);

    assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
        .isInstanceOf(Outcome.Processed.class);
    assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
        .isInstanceOf(Outcome.Duplicate.class);
    assertThat(handle(batch)).allMatch(Outcome.Processed.class::isInstance);
    assertThat(handle(batch)).allMatch(Outcome.Duplicate.class::isInstance);

    assertThat(database.applied("slow")).isOne();
    assertThat(database.number("SELECT count(*) FROM applied")).isEqualTo(21);
  }

  private List<Outcome<Void>> handle(List<Message> batch) {
    return inbox.processBatch(
        batch,
        (fresh, tx) -> {
          try (PreparedStatement insert =
              tx.connection().prepareStatement("INSERT INTO applied SELECT unnest(?::text[])")) {
            insert.setArray(
                1,
                tx.connection()
                    .createArrayOf("text", fresh.stream().map(Message::id).toArray(String[]::new)));
            insert.executeUpdate();
          }
        });
  }

  private static List<Message> batch(int size) {
    return IntStream.range(0, size).mapToObj(i -> PaymentsDatabase.message("batch-" + i)).toList();
  }
}
