package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Buckets;
import io.inbox.Fingerprint;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.FaultProxy;
import java.sql.PreparedStatement;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How often a delivery waits for the server, counted on the wire, and on a slow wire. */
class RoundTripsTest {

  private static PaymentsDatabase database;

  private FaultProxy proxy;
  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeAll
  static void createDatabase() throws Exception {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    database.execute(BucketedDatabase.script("time-buckets.sql"));
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

  /** From the fifth time on the driver has the server keep the statements, and sends less. */
  @ParameterizedTest
  @EnumSource
  void aBatchCostsOneExchangeAndTheCommitHoweverOftenItWasSent(Mode mode) throws Exception {
    try (Inbox other = mode.inbox(pool)) {
      for (int round = 0; round < 9; round++) {
        List<Message> batch = mode.batch(round, 20);
        long before = proxy.roundTrips();
        assertThat(handle(other, batch.subList(0, 10)))
            .allMatch(Outcome.Processed.class::isInstance);
        assertThat(proxy.roundTrips() - before)
            .as("claim, the handler's statement, COMMIT of " + round)
            .isEqualTo(3);

        before = proxy.roundTrips();
        assertThat(handle(other, batch))
            .filteredOn(Outcome.Duplicate.class::isInstance)
            .hasSize(10);
        assertThat(proxy.roundTrips() - before)
            .as("claim, winners, the handler's statement, COMMIT of " + round)
            .isEqualTo(4);
      }
    }
  }

  /** What the messages of a batch have. */
  enum Mode {
    ID,
    TIME,
    FINGERPRINT,
    SUBJECT_OF_SOME,
    BUCKETS,
    MOVING;

    Inbox inbox(HikariDataSource pool) throws Exception {
      Inbox.Builder inbox = PaymentsDatabase.inbox(name().toLowerCase(Locale.ROOT), pool);
      if (this == FINGERPRINT) {
        inbox.fingerprint(Fingerprint.ofPayload());
      } else if (this == BUCKETS) {
        inbox.buckets(Buckets.byMessageTime());
      } else if (this == MOVING) {
        inbox.buckets(Buckets.byMessageTime().moving());
      }
      return inbox.build();
    }

    List<Message> batch(int round, int size) {
      Instant now = Instant.now();
      return IntStream.range(0, size)
          .mapToObj(
              i -> {
                Message.Builder message =
                    Message.builder(round + "-" + i).payload(new byte[] {(byte) i});
                if (this == SUBJECT_OF_SOME && i % 2 == 0) {
                  message.subject("o-" + i).source("s-" + i);
                }
                return (this == ID ? message : message.time(this == FINGERPRINT ? null : now))
                    .build();
              })
          .toList();
    }
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
    assertThat(handle(inbox, batch)).allMatch(Outcome.Processed.class::isInstance);
    assertThat(handle(inbox, batch)).allMatch(Outcome.Duplicate.class::isInstance);

    assertThat(database.applied("slow")).isOne();
    assertThat(database.number("SELECT count(*) FROM applied")).isEqualTo(21);
  }

  private static List<Outcome<Void>> handle(Inbox inbox, List<Message> batch) {
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
