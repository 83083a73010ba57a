package io.inbox.testkit;

import io.inbox.Inbox;
import io.inbox.jdbc.PortableStore;
import io.inbox.outbox.OutboxMessage;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Relays in processes of their own on an H2 file that this process serves, one of them stopped past
 * its lease, continued, and killed.
 *
 * <p>The system property {@code inbox.order.messages} makes it larger, {@code inbox.order.keys}
 * spreads it: 100,000 on 1,000 is the full check.
 */
@Tag("long")
@Timeout(value = 60, unit = TimeUnit.MINUTES)
final class H2RelayProcessesTest extends OutboxTesting {
  private static final int MESSAGES = Integer.getInteger("inbox.order.messages", 2_000);
  private static final int KEYS = Integer.getInteger("inbox.order.keys", 50);
  private static final int WRITERS = 8;
  private static final Duration POLL = Duration.ofMillis(50);

  private static Server server;
  private static String url;
  private static TestDatabase database;

  @BeforeAll
  static void serve() throws SQLException {
    server = Server.createTcpServer("-tcpPort", "0", "-tcpDaemon", "-ifNotExists").start();
    url =
        "jdbc:h2:tcp://localhost:"
            + server.getPort()
            + "/./target/h2/"
            + UUID.randomUUID()
            + ";WRITE_DELAY=0";
    database = new H2Database(url);
  }

  @AfterAll
  static void stop() {
    database.pool().close();
    server.stop();
  }

  @Override
  TestDatabase database() {
    return database;
  }

  @Test
  void nothingIsLostAndKeysStayInOrderThroughAPauseAndAKill() throws Exception {
    try (Receiver receiver = new Receiver();
        RelayProcess steady = relay("steady", receiver);
        RelayProcess unlucky = relay("unlucky", receiver)) {
      awaitOwned(unlucky, 8);
      awaitOwned(steady, 8);
      KeyedWriters writers = new KeyedWriters(this, KEYS, MESSAGES);
      Inbox inbox = writers.inbox();
      List<Future<Object>> running = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        running.add(threads.start(() -> writers.write(inbox)));
      }
      receiver.await(MESSAGES / 5);
      receiver.hold("unlucky");
      receiver.awaitHeld("unlucky"); // it has published a batch, and cannot delete it yet
      pauseUntilItsSlotsAreTaken(unlucky, steady);
      receiver.await(2 * MESSAGES / 5);
      unlucky.resume();
      receiver.release("unlucky");
      awaitOwned(unlucky, 8);
      receiver.await(3 * MESSAGES / 5);
      unlucky.pause();
      unlucky.resume();
      unlucky.kill();
      for (Future<Object> writer : running) {
        writer.get(50, TimeUnit.MINUTES);
      }

      receiver.await(writers.committed().size());
      eventuallyEmpty();
      writers.check(receiver.arrivals().stream().map(H2RelayProcessesTest::message).toList());
    }
  }

  private static OutboxMessage message(Receiver.Arrival arrival) {
    return message("orders", arrival.key(), arrival.payload()).toBuilder()
        .id(UUID.fromString(arrival.id()))
        .build();
  }

  private static RelayProcess relay(String name, Receiver receiver) throws Exception {
    return RelayProcess.start(name, PortableStore.class, url, receiver, LEASE, POLL, 256);
  }

  /**
   * H2 ends no transaction of a client that is silent: stopped in the middle of a heartbeat it
   * keeps its slots locked. Then it goes on for a moment, and is stopped again.
   */
  private void pauseUntilItsSlotsAreTaken(RelayProcess relay, RelayProcess successor)
      throws Exception {
    relay.pause();
    long end = System.nanoTime() + SOON.toNanos();
    while (owned(successor) < 16) {
      if (System.nanoTime() > end) {
        relay.resume();
        relay.pause();
        end = System.nanoTime() + SOON.toNanos();
      }
    }
  }

  private void awaitOwned(RelayProcess relay, long slots) throws Exception {
    eventually(relay.owner() + " owns " + slots, () -> owned(relay) == slots);
  }

  private long owned(RelayProcess relay) {
    return Long.parseLong(
        books.text(
            "SELECT COUNT(*) FROM "
                + table("outbox_slot")
                + " WHERE \"lease_until\" > CURRENT_TIMESTAMP AND \"owner\" LIKE ?",
            relay.owner() + "%"));
  }
}
