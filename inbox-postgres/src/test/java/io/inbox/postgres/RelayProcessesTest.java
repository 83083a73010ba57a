package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.Receiver;
import io.inbox.testkit.RelayProcess;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Relays in processes of their own, one of them stopped past its lease, continued, and killed.
 *
 * <p>The system property {@code inbox.order.messages} makes it larger, {@code inbox.order.keys}
 * spreads it: 100,000 on 1,000 is the full check.
 */
@Tag("long")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class RelayProcessesTest {
  private static final int MESSAGES = Integer.getInteger("inbox.order.messages", 4_000);
  private static final int KEYS = Integer.getInteger("inbox.order.keys", 100);
  private static final Duration LEASE = Duration.ofSeconds(3);
  private static final Duration POLL = Duration.ofMillis(200);

  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void nothingIsLostAndKeysStayInOrderThroughAPauseAndAKill(int version) throws Exception {
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(version));
    try (Receiver receiver = new Receiver();
        RelayProcess steady = relay("steady", database, receiver, 256);
        RelayProcess unlucky = relay("unlucky", database, receiver, 256);
        VersionedWriters writers = new VersionedWriters(database, KEYS, MESSAGES)) {
      awaitOwned(database, unlucky, "= 8");
      awaitOwned(database, steady, "= 8");
      writers.start();
      receiver.await(MESSAGES / 5);
      unlucky.pause();
      awaitOwned(database, steady, "= 16");
      receiver.await(2 * MESSAGES / 5);
      unlucky.resume();
      awaitOwned(database, unlucky, "= 8");
      receiver.await(3 * MESSAGES / 5);
      unlucky.pause();
      unlucky.resume();
      unlucky.kill();
      writers.awaitEnd();

      receiver.await(writers.committed());
      database.await("NOT EXISTS (SELECT FROM inbox.outbox)");
      writers.check(receiver);
      assertThat(database.number("SELECT count(*) FROM inbox.outbox_parked")).isZero();
    }
  }

  /** Its slots were taken while it waited for the receiver: it must not touch what is in them. */
  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void aRelayThatWasStoppedPastItsLeaseChangesNothing(int version) throws Exception {
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(version));
    try (Receiver receiver = new Receiver();
        RelayProcess zombie = relay("zombie", database, receiver, 16)) {
      awaitOwned(database, zombie, "= 16");
      receiver.hold("zombie");
      append(database, 500);
      receiver.awaitHeld("zombie");
      zombie.pause();
      database.execute(
          "UPDATE inbox.outbox_slot SET owner = 'successor', epoch = epoch + 1, lease_until = now() + interval '1 hour'");
      List<String> rows = rows(database);
      List<String> slots = slots(database);
      assertThat(rows).as("what it published is not deleted yet").hasSize(500);

      String seen = "(SELECT alive_until FROM inbox.outbox_relay WHERE relay LIKE 'zombie%')";
      String before = database.rows("SELECT " + seen).get(0);
      zombie.resume();
      receiver.release("zombie");
      database.await(seen + " > '" + before + "'::timestamptz + interval '2 seconds'");

      assertThat(rows(database)).isEqualTo(rows);
      assertThat(slots(database)).isEqualTo(slots);
      for (String table : List.of("outbox_parked", "outbox_blocked", "outbox_dead_letter")) {
        assertThat(database.number("SELECT count(*) FROM inbox." + table)).as(table).isZero();
      }

      // The successor dies: the one that was stopped goes on as a relay like any other.
      database.execute("UPDATE inbox.outbox_slot SET lease_until = now()");
      receiver.await(500);
      database.await("NOT EXISTS (SELECT FROM inbox.outbox)");
    }
  }

  /** It has locked its slots, and the server waits for its next statement. */
  @ParameterizedTest
  @ValueSource(ints = {PostgresServer.NEWEST, PostgresServer.OLDEST})
  void aRelayThatIsStoppedInATransactionLosesItsSlotsLikeAnyOther(int version) throws Exception {
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(version));
    try (Receiver receiver = new Receiver();
        RelayProcess stopped = relay("stopped", database, receiver, 16);
        Connection gate = database.connect();
        Statement statement = gate.createStatement()) {
      awaitOwned(database, stopped, "= 16");
      gate.setAutoCommit(false);
      statement.execute("LOCK TABLE inbox.outbox_relay IN SHARE MODE");
      String heartbeat =
          "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'update%outbox_relay%' AND ";
      database.await(heartbeat + "wait_event_type = 'Lock')");
      stopped.pause();
      gate.rollback();
      // Its transaction is open, or, where all this took long, the server has ended it meanwhile.
      database.await("NOT " + heartbeat + "state = 'active')");

      try (RelayProcess steady = relay("steady", database, receiver, 16)) {
        awaitOwned(database, steady, "= 16");
        append(database, 100);
        receiver.await(100);
        stopped.resume();
        awaitOwned(database, stopped, "= 8");
      }
    }
  }

  private static List<String> rows(PaymentsDatabase database) throws SQLException {
    return database.rows("SELECT o::text FROM inbox.outbox o ORDER BY slot, id");
  }

  private static List<String> slots(PaymentsDatabase database) throws SQLException {
    return database.rows("SELECT s::text FROM inbox.outbox_slot s ORDER BY slot");
  }

  private static void append(PaymentsDatabase database, int messages) throws SQLException {
    try (var pool = database.pool(2);
        Outbox outbox = Outbox.open(PostgresStore.create(), pool);
        Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < messages; i++) {
        byte[] payload = String.valueOf(i).getBytes(StandardCharsets.UTF_8);
        outbox.on(connection).append(OutboxMessage.of("orders", "k" + i, payload));
      }
      connection.commit();
    }
  }

  private static RelayProcess relay(
      String name, PaymentsDatabase database, Receiver receiver, int batch) throws Exception {
    return RelayProcess.start(
        name, PostgresStore.class, database.url(), receiver, LEASE, POLL, batch);
  }

  private static void awaitOwned(PaymentsDatabase database, RelayProcess relay, String slots)
      throws SQLException {
    database.await(
        "(SELECT count(*) FROM inbox.outbox_slot WHERE lease_until > now() AND owner LIKE '"
            + relay.owner()
            + "%') "
            + slots);
  }
}
