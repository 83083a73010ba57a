package io.inbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.migrations.InboxMigrations;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.Relay;
import io.inbox.postgres.PostgresStore;
import io.inbox.testkit.PostgresServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * From the commit that decided a message to the commit that handled it: writers, outbox, relay,
 * broker, consumers in processes of their own, inbox, effects, in two databases. In the middle the
 * broker is restarted, and two consumers are killed while others take over.
 *
 * <p>The system property {@code inbox.kafka.messages} makes it larger: 100,000 is the full check.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
final class WholeWayTest {
  private static final int MESSAGES = Integer.getInteger("inbox.kafka.messages", 5_000);
  private static final int KEYS = 200;
  private static final int PARTITIONS = 4;
  private static final int WRITERS = 4;
  private static final String GROUP = "payments";
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
  private final Semaphore mayWrite = new Semaphore(0);
  private final ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Broker broker = opened(Broker.start());
  private final String topic = broker.topic(PARTITIONS);
  private final HikariDataSource orders = opened(server.dataSource(server.newDatabase(), 8));
  private final String paymentsName = server.newDatabase();
  private final HikariDataSource payments = opened(server.dataSource(paymentsName, 6));

  private <T extends AutoCloseable> T opened(T resource) {
    opened.add(resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    threads.shutdownNow();
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  @BeforeEach
  void createTables() throws SQLException {
    InboxMigrations.on(orders).migrate();
    execute(orders, "CREATE TABLE account (id text PRIMARY KEY, version bigint NOT NULL)");
    execute(
        orders, "INSERT INTO account SELECT 'k' || i, 0 FROM generate_series(1, " + KEYS + ") i");
  }

  @Test
  void everyEffectOnceAndInTheOrderOfItsKey() throws Exception {
    TestInbox inbox =
        opened(
            TestInbox.on(
                payments,
                PostgresStore.create(),
                "payments",
                "BIGINT GENERATED ALWAYS AS IDENTITY"));
    startRelay();
    ConsumerProcess first = consumer("first");
    ConsumerProcess second = consumer("second");
    awaitMembers(2);
    long started = System.nanoTime();
    List<Future<Object>> writers = startWriters();
    mayWrite.release(MESSAGES * 2 / 5);

    awaitEffects(MESSAGES / 5);
    mayWrite.release(MESSAGES / 5);
    killAt("LOCK TABLE effect IN SHARE MODE", "first", first); // between claim and commit

    awaitEffects(MESSAGES * 2 / 5);
    mayWrite.release(MESSAGES / 5);
    broker.stop();
    broker.restart();

    awaitEffects(MESSAGES * 3 / 5);
    consumer("third");
    awaitMembers(2);
    mayWrite.release(MESSAGES);
    killAt(ConsumerProcess.GATE, "second", second); // handled, and the offset is not committed

    for (Future<Object> writer : writers) {
      writer.get();
    }
    awaitEffects(MESSAGES);
    awaitSettled();
    report(System.nanoTime() - started);
    Map<String, List<String>> effects = Tests.byKey(inbox.effects());
    Map<String, List<String>> expected = expected();
    assertThat(effects.keySet()).isEqualTo(expected.keySet());
    expected.forEach((key, versions) -> assertThat(effects.get(key)).isEqualTo(versions));
    assertThat(inbox.letters()).isEmpty();
    for (String table :
        List.of("outbox", "outbox_parked", "outbox_blocked", "outbox_dead_letter")) {
      assertThat(number(orders, "SELECT count(*) FROM inbox." + table)).as(table).isZero();
    }
  }

  /** Each takes the lock of a key, counts its version up, and tells of each version. */
  private List<Future<Object>> startWriters() {
    Outbox outbox = opened(Outbox.open(PostgresStore.create(), orders));
    List<Future<Object>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int quota = MESSAGES * (i + 1) / WRITERS - MESSAGES * i / WRITERS;
      writers.add(threads.submit(() -> write(outbox, quota)));
    }
    return writers;
  }

  private Object write(Outbox outbox, int quota) throws Exception {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    for (int left = quota; left > 0; ) {
      int count = Math.min(left, 1 + random.nextInt(3));
      mayWrite.acquire(count);
      boolean written = false;
      while (!written) {
        written = random.nextInt(10) != 0;
        write(outbox, "k" + (1 + random.nextInt(KEYS)), count, written);
      }
      left -= count;
    }
    return quota;
  }

  private void write(Outbox outbox, String key, int count, boolean commit) throws SQLException {
    try (Connection connection = orders.getConnection()) {
      connection.setAutoCommit(false);
      long version = countUp(connection, key, count);
      for (int i = 1; i <= count; i++) {
        byte[] payload = Tests.bytes(key + ":" + (version + i));
        outbox.on(connection).append(OutboxMessage.of(topic, key, payload));
      }
      if (commit) {
        connection.commit();
      } else {
        connection.rollback();
      }
    }
  }

  private static long countUp(Connection connection, String key, int count) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE account SET version = version + ? WHERE id = ? RETURNING version")) {
      update.setInt(1, count);
      update.setString(2, key);
      try (ResultSet row = update.executeQuery()) {
        row.next();
        return row.getLong(1) - count;
      }
    }
  }

  private void startRelay() {
    Map<String, Object> config = broker.client();
    config.put("max.block.ms", 1_000);
    config.put("request.timeout.ms", 1_000);
    config.put("delivery.timeout.ms", 2_000);
    KafkaPublisher publisher = opened(KafkaPublisher.builder(config).build());
    opened(
        Relay.builder(PostgresStore.create(), orders, publisher)
            .circuitMaxOpen(Duration.ofSeconds(1))
            .start());
  }

  private ConsumerProcess consumer(String name) throws IOException {
    Map<String, Object> config = broker.consumer(GROUP);
    config.put("session.timeout.ms", 3_000);
    ConsumerProcess.Setting setting =
        new ConsumerProcess.Setting("payments", server.url(paymentsName), config, topic, false);
    return opened(ConsumerProcess.start(name, setting));
  }

  /** Kills a consumer that has run into a lock of ours. */
  private void killAt(String lock, String name, ConsumerProcess consumer) throws Exception {
    String waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = '"
            + name
            + "'";
    try (Connection connection = payments.getConnection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute(lock);
      }
      await(name + " at the lock", () -> number(payments, waiting), 1);
      consumer.kill();
      connection.rollback();
    }
  }

  private void awaitMembers(int count) throws Exception {
    await("member " + count + " of the group", () -> broker.members(GROUP), count);
  }

  private void awaitEffects(long count) throws Exception {
    await("effect " + count, () -> number(payments, "SELECT count(*) FROM effect"), count);
  }

  /** However slow the machine: as long as there is progress. */
  private static void await(String what, Callable<Long> number, long enough) throws Exception {
    long seen = -1;
    long end = 0;
    for (long now = number.call(); now < enough; now = number.call()) {
      if (now > seen) {
        seen = now;
        end = System.nanoTime() + PATIENCE.toNanos();
      }
      assertThat(System.nanoTime() - end).as("%s, stands at %s", what, now).isNegative();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** Whatever was sent again has come again by then. */
  private void awaitSettled() throws Exception {
    await("an empty outbox", () -> -number(orders, "SELECT count(*) FROM inbox.outbox"), 0);
    await(
        "the end of the topic",
        () -> {
          long ahead = -broker.records(topic);
          for (int partition = 0; partition < PARTITIONS; partition++) {
            ahead += broker.committed(GROUP, topic, partition);
          }
          return ahead;
        },
        0);
  }

  private void report(long nanos) {
    double seconds = nanos / 1e9;
    System.out.printf(
        "the whole way: %d messages in %.1f s, %.0f msg/s; %d records in Kafka%n",
        MESSAGES, seconds, MESSAGES / seconds, broker.records(topic));
  }

  /** Every version of every key, in its order. */
  private Map<String, List<String>> expected() throws SQLException {
    Map<String, List<String>> expected = new HashMap<>();
    try (Connection connection = orders.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT id, generate_series(1, version) FROM account WHERE version > 0 ORDER BY 1, 2")) {
      while (rows.next()) {
        String key = rows.getString(1);
        expected.computeIfAbsent(key, k -> new ArrayList<>()).add(key + ":" + rows.getLong(2));
      }
    }
    return expected;
  }

  private static void execute(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long number(DataSource database, String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
