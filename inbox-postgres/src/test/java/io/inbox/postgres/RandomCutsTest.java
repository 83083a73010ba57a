package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.testkit.fault.FaultProxy.Fault;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Connections are cut at random requests while several consumers handle the same messages. Whatever
 * happens: applied exactly once, and nothing acknowledged that is not there.
 */
@Tag("long")
class RandomCutsTest {
  private static final int MESSAGES = 400;
  private static final int CONSUMERS = 4;
  private static final int BATCH = 10;
  private static final int MOST_ROUNDS = 200;

  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private PaymentsDatabase database;
  private FaultProxy proxy;
  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeEach
  void connectThroughTheProxy() throws Exception {
    database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    proxy = FaultProxy.before(PostgresServer.shared(PostgresServer.NEWEST).port());
    pool = PaymentsDatabase.pool(database.urlThrough(proxy.port()) + "&socketTimeout=2", CONSUMERS);
    inbox = PaymentsDatabase.inbox("payments", pool).wait(Duration.ofSeconds(5)).build();
  }

  @AfterEach
  void close() {
    inbox.close();
    pool.close();
    proxy.close();
  }

  @Test
  void appliesEveryMessageOnce() throws Exception {
    long seed = System.nanoTime();
    run(seed, messages -> messages.forEach(this::deliver));
    assertExactlyOnce(seed);
  }

  @Test
  void appliesEveryMessageOfABatchOnce() throws Exception {
    long seed = System.nanoTime();
    run(
        seed,
        messages -> {
          for (int from = 0; from < messages.size(); from += BATCH) {
            deliverBatch(messages.subList(from, Math.min(from + BATCH, messages.size())));
          }
        });
    assertExactlyOnce(seed);
  }

  @FunctionalInterface
  private interface Consumer {
    void consume(List<Message> messages);
  }

  /** Every consumer gets every message, each in an order of its own, again until acknowledged. */
  private void run(long seed, Consumer consumer) throws Exception {
    proxy.strikeAtRandom(15, seed, Fault.CUT_REQUEST, Fault.CUT_REPLY);
    ExecutorService threads = Executors.newFixedThreadPool(CONSUMERS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < CONSUMERS; i++) {
        Random random = new Random(seed + i);
        running.add(threads.submit(() -> consumer.consume(shuffled(random))));
      }
      for (Future<?> consuming : running) {
        consuming.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(proxy.strikes()).as("seed %d", seed).isGreaterThan(20);
  }

  private static List<Message> shuffled(Random random) {
    List<Message> messages = new ArrayList<>();
    IntStream.range(0, MESSAGES).forEach(i -> messages.add(PaymentsDatabase.message("m" + i)));
    Collections.shuffle(messages, random);
    return messages;
  }

  private void deliver(Message message) {
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Outcome<Void> outcome = inbox.process(message, PaymentsDatabase.applying(message));
      if (outcome.acknowledge()) {
        acknowledged.add(message.id());
        return;
      }
    }
    throw new AssertionError("never acknowledged: " + message.id());
  }

  private void deliverBatch(List<Message> messages) {
    List<Message> open = messages;
    for (int round = 0; round < MOST_ROUNDS && !open.isEmpty(); round++) {
      List<Outcome<Void>> outcomes =
          inbox.processBatch(
              open,
              (fresh, tx) -> {
                for (Message message : fresh) {
                  PaymentsDatabase.apply(tx, message);
                }
              });
      List<Message> again = new ArrayList<>();
      for (int i = 0; i < outcomes.size(); i++) {
        if (outcomes.get(i).acknowledge()) {
          acknowledged.add(open.get(i).id());
        } else {
          again.add(open.get(i));
        }
      }
      open = again;
    }
    assertThat(open).as("never acknowledged").isEmpty();
  }

  private void assertExactlyOnce(long seed) throws SQLException {
    assertThat(acknowledged).as("seed %d", seed).hasSize(MESSAGES);
    assertThat(
            database.rows("SELECT message_id FROM applied GROUP BY message_id HAVING count(*) > 1"))
        .as("applied twice, seed %d", seed)
        .isEmpty();
    assertThat(
            database.rows(
                "SELECT message_id FROM inbox.message EXCEPT SELECT message_id FROM applied"))
        .as("remembered but not applied, seed %d", seed)
        .isEmpty();
    assertThat(
            database.rows(
                "SELECT message_id FROM applied EXCEPT SELECT message_id FROM inbox.message"))
        .as("applied but not remembered, seed %d", seed)
        .isEmpty();
    assertThat(database.remembered("payments")).as("seed %d", seed).isEqualTo(MESSAGES);
    assertThat(database.number("SELECT count(*) FROM inbox.dead_letter")).isZero();
  }
}
