package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.RetryPolicy;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.OutboxSettings;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the groups about the outbox share: its tables are empty before each test. */
abstract class OutboxTesting extends Contract {
  static final Duration SOON = Duration.ofSeconds(60);
  static final Duration LEASE = Duration.ofSeconds(2);
  private static final List<String> TABLES =
      List.of(
          "outbox",
          "outbox_delayed",
          "outbox_parked",
          "outbox_blocked",
          "outbox_dead_letter",
          "outbox_kept",
          "outbox_relay");

  /** Quick attempts, for tests that wait for several of them. */
  static final RetryPolicy QUICK =
      RetryPolicy.builder()
          .maxAttempts(3)
          .initialBackoff(Duration.ofMillis(20))
          .maxBackoff(Duration.ofMillis(40))
          .build();

  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  final void emptyTheOutbox() {
    for (String table : TABLES) {
      books.run("DELETE FROM " + table(table));
    }
    books.run("UPDATE " + table("outbox_slot") + " SET \"owner\" = NULL, \"lease_until\" = NULL");
  }

  @AfterEach
  final void closeWhatWasOpened() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  final Outbox outbox() {
    return outbox(OutboxSettings.ofDefaults());
  }

  final Outbox outbox(OutboxSettings settings) {
    Outbox outbox = Outbox.open(database().store(), JdbcTransactions.on(pool), settings);
    opened.add(outbox);
    return outbox;
  }

  final Relay relay(Publisher publisher) {
    return relay(publisher, it -> it);
  }

  final Relay relay(Publisher publisher, UnaryOperator<Relay.Builder> options) {
    Relay relay =
        options
            .apply(
                Relay.builder(database().store(), pool, publisher)
                    .lease(LEASE)
                    .circuitMaxOpen(Duration.ofMillis(50)))
            .start();
    opened.add(relay);
    return relay;
  }

  /** Appends messages in one transaction of their own. */
  final void append(Outbox outbox, OutboxMessage... messages) throws Exception {
    JdbcTransactions.on(pool)
        .inTransaction(
            unit -> {
              for (OutboxMessage message : messages) {
                outbox.in(unit).append(message);
              }
              return unit;
            });
  }

  static OutboxMessage message(String topic, String key, String payload) {
    return OutboxMessage.of(topic, key, bytes(payload));
  }

  static List<String> payloads(InMemoryPublisher publisher) {
    return payloads(publisher.published());
  }

  static List<String> payloads(List<OutboxMessage> messages) {
    return messages.stream()
        .map(it -> new String(it.payload(), java.nio.charset.StandardCharsets.UTF_8))
        .toList();
  }

  final long count(String table) {
    return Long.parseLong(books.text("SELECT COUNT(*) FROM " + table(table)));
  }

  /** Waits until a condition holds that another thread brings about. */
  static void eventually(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + SOON.toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("%s, within %s", what, SOON).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Waits until everything was published and deleted. */
  final void eventuallyEmpty() throws Exception {
    eventually("the outbox is empty", () -> count("outbox") == 0 && count("outbox_parked") == 0);
  }

  /** Publishes all there is, which must be so many messages, and returns them. */
  final List<OutboxMessage> relayed(int messages) throws Exception {
    InMemoryPublisher publisher = new InMemoryPublisher();
    try (Relay relay = relay(publisher)) {
      boolean all = publisher.await(messages, SOON);
      assertThat(publisher.published().size())
          .as("published, with %d waiting and slots %s", count("outbox"), relay.slots())
          .isGreaterThanOrEqualTo(messages);
      assertThat(all).isTrue();
      eventuallyEmpty();
    }
    assertThat(publisher.published()).hasSize(messages);
    return publisher.published();
  }

  /** What is waited for. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws Exception;
  }
}
