package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.Relay;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.Receiver;
import io.inbox.testkit.RelayProcess;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a relay costs while there is nothing to do, and how soon it has what there is. */
@Tag("long")
class IdleRelayTest {
  private static final int SECONDS = 9;
  private static final int MESSAGES = 200;

  private PaymentsDatabase database;

  @BeforeEach
  void create() throws SQLException {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
  }

  @Test
  void anIdleRelayAsksLessThanTwoQueriesASecond() throws Exception {
    try (HikariDataSource pool = database.pool(4)) {
      CountingSource counting = new CountingSource(pool);
      try (Relay relay =
          Relay.builder(PostgresStore.create(), counting.dataSource(), new InMemoryPublisher())
              .start()) {
        database.await("(SELECT count(*) FROM inbox.outbox_slot WHERE lease_until > now()) = 16");
        passes(3); // it has looked around more and more seldom
        long before = counting.statements();
        passes(SECONDS);
        double perSecond = (counting.statements() - before) / (double) SECONDS;
        System.out.printf("idle relay: %.2f statements/s%n%s", perSecond, counting.report());
        assertThat(perSecond).isLessThan(2);
        assertThat(relay.slots()).hasSize(16);
      }
    }
  }

  /** The time is what is measured. */
  private static void passes(int seconds) throws InterruptedException {
    assertThat(new CountDownLatch(1).await(seconds, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  void aClosedRelayLeavesNoConnectionListening() throws Exception {
    try (HikariDataSource pool = database.pool(4)) {
      Relay relay = Relay.builder(PostgresStore.create(), pool, new InMemoryPublisher()).start();
      database.await(
          "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%')");
      relay.close();
      int idle = pool.getHikariPoolMXBean().getIdleConnections();
      List<Connection> all = new ArrayList<>();
      try {
        for (int i = 0; i < idle; i++) {
          all.add(pool.getConnection());
          try (Statement statement = all.get(i).createStatement();
              ResultSet rows = statement.executeQuery("SELECT pg_listening_channels()")) {
            assertThat(rows.next()).as("listens").isFalse();
          }
        }
      } finally {
        for (Connection connection : all) {
          connection.close();
        }
      }
    }
  }

  @Test
  void aRelayOfAnotherProcessIsNotifiedWithinMilliseconds() throws Exception {
    try (Receiver receiver = new Receiver();
        RelayProcess relay =
            RelayProcess.start(
                "relay",
                PostgresStore.class,
                database.url(),
                receiver,
                Duration.ofSeconds(15),
                Duration.ofHours(1),
                1024);
        HikariDataSource pool = database.pool(4);
        Outbox outbox = Outbox.open(PostgresStore.create(), pool)) {
      database.await(
          "(SELECT count(*) FROM inbox.outbox_slot WHERE owner LIKE '"
              + relay.owner()
              + "%') = 16");
      send(pool, outbox, receiver, 50); // both programs get warm
      long[] nanos = send(pool, outbox, receiver, MESSAGES);
      Arrays.sort(nanos);
      double median = nanos[MESSAGES / 2] / 1e6;
      double slow = nanos[MESSAGES * 99 / 100] / 1e6;
      System.out.printf(
          "commit to publication by NOTIFY: p50 %.2f ms, p99 %.2f ms, max %.2f ms%n",
          median, slow, nanos[MESSAGES - 1] / 1e6);
      assertThat(median).as("p50 in ms").isLessThan(50); // lenient: the machine may be busy
      assertThat(slow).as("p99 in ms").isLessThan(500);
    }
  }

  private static long[] send(HikariDataSource pool, Outbox outbox, Receiver receiver, int messages)
      throws Exception {
    long[] nanos = new long[messages];
    int before = receiver.arrivals().size();
    for (int i = 0; i < messages; i++) {
      // Long enough for the relay to look more seldom: only the notification brings it back.
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(25));
      long committed;
      try (Connection connection = pool.getConnection()) {
        connection.setAutoCommit(false);
        outbox.on(connection).append(OutboxMessage.of("orders", "k" + i, new byte[] {'1'}));
        connection.commit();
        committed = System.nanoTime();
      }
      receiver.await(before + i + 1);
      nanos[i] = receiver.arrivals().get(before + i).nanos() - committed;
    }
    return nanos;
  }
}
