package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.error.ConfigurationException;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.InboxPublisher;
import io.inbox.outbox.JdbcPublisher;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.OutboxSettings;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.PublishResult.Kind;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The contract of the publishers that hand messages from module to module by way of a database: to
 * the outbox of another one, and to inboxes of the process. Subclass it beside {@link
 * StoreContract}.
 */
@Timeout(180)
public abstract class HandOverContract {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final List<AutoCloseable> opened = new ArrayList<>();

  /** For the test class of a store. */
  protected HandOverContract() {}

  /** Returns the store under test, for the default tables. */
  protected abstract Store store();

  /**
   * Returns connections to a fresh database of its own with the schema of Inbox; called once for
   * each of the modules of a test.
   */
  protected abstract DataSource module() throws Exception;

  @AfterEach
  final void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.add(resource);
    return resource;
  }

  private DataSource fresh() throws Exception {
    DataSource module = module();
    if (module instanceof AutoCloseable pool) {
      opened.add(pool);
    }
    return module;
  }

  private Relay relay(DataSource module, Publisher publisher) {
    return opened(
        Relay.builder(store(), module, publisher).circuitMaxOpen(Duration.ofMillis(50)).start());
  }

  private void append(DataSource module, List<OutboxMessage> messages) throws Exception {
    Outbox outbox = opened(Outbox.open(store(), module));
    JdbcTransactions.on(module)
        .inTransaction(
            unit -> {
              messages.forEach(message -> outbox.in(unit).append(message));
              return unit;
            });
  }

  private static OutboxMessage message(String key, String payload) {
    return OutboxMessage.of("orders", key, payload.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(OutboxMessage message) {
    return new String(message.payload(), StandardCharsets.UTF_8);
  }

  private static List<Kind> kinds(List<PublishResult> results) {
    return results.stream().map(PublishResult::kind).toList();
  }

  private long waiting(DataSource module) throws SQLException {
    try (Connection connection = module.getConnection();
        PreparedStatement count =
            connection.prepareStatement(
                "SELECT COUNT(*) FROM " + store().tables().quoted("outbox"));
        ResultSet row = count.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void handsOverToTheOutboxOfAnotherModuleWhatTheMessageIs() throws Exception {
    DataSource orders = fresh();
    DataSource shipping = fresh();
    OutboxMessage whole =
        OutboxMessage.to("orders")
            .key("7")
            .tenant("acme")
            .header("a", "b")
            .header("traceparent", "00-1-2-01")
            .payload(new byte[] {1, 2})
            .correlationId("corr")
            .causationId("cause")
            .build();
    OutboxMessage bare = OutboxMessage.of("orders", null, null);
    append(orders, List.of(whole, bare));
    relay(orders, opened(JdbcPublisher.into(store(), JdbcTransactions.on(shipping))));
    InMemoryPublisher arrived = new InMemoryPublisher();
    relay(shipping, arrived);

    assertThat(arrived.await(2, SOON)).isTrue();
    OutboxMessage first = find(arrived, whole);
    assertThat(first.tenant()).isEqualTo("acme");
    assertThat(first.key()).contains("7");
    assertThat(first.headers()).isEqualTo(whole.headers());
    assertThat(first.payload()).containsExactly(1, 2);
    assertThat(first.correlationId()).contains("corr");
    assertThat(first.causationId()).contains("cause");
    OutboxMessage second = find(arrived, bare);
    assertThat(second.key()).isEmpty();
    assertThat(second.hasPayload()).isFalse();
    assertThat(second.headers()).isEmpty();
  }

  private static OutboxMessage find(InMemoryPublisher arrived, OutboxMessage sent) {
    return arrived.published().stream()
        .filter(message -> message.id().equals(sent.id()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void handsOverInOrderAndCountsNoAttemptWhileTheOtherDatabaseIsAway() throws Exception {
    DataSource orders = fresh();
    DataSource shipping = fresh();
    AtomicInteger down = new AtomicInteger();
    Transactions reached = JdbcTransactions.on(shipping);
    Transactions shaky =
        new Transactions() {
          @Override
          public <T> T inTransaction(Work<T> work) throws Exception {
            if (down.getAndDecrement() > 0) {
              throw new SQLTransientConnectionException("scripted", "08001");
            }
            return reached.inTransaction(work);
          }
        };
    List<OutboxMessage> messages = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      messages.add(message("key " + i % 3, "key " + i % 3 + ":" + i / 3));
    }
    append(orders, messages);
    JdbcPublisher publisher = opened(JdbcPublisher.into(store(), shaky));
    down.set(8);
    relay(orders, publisher);
    InMemoryPublisher arrived = new InMemoryPublisher();
    relay(shipping, arrived);

    assertThat(arrived.await(60, SOON)).isTrue();
    for (int key = 0; key < 3; key++) {
      String of = "key " + key;
      List<String> expected =
          messages.stream().map(HandOverContract::text).filter(t -> t.startsWith(of)).toList();
      assertThat(
              arrived.published().stream()
                  .map(HandOverContract::text)
                  .filter(t -> t.startsWith(of)))
          .containsExactlyElementsOf(expected);
    }
    OutboxTesting.eventually("what was sent is deleted", () -> waiting(orders) == 0);
  }

  @Test
  void whatTheOtherOutboxRefusesIsRejectedAndHoldsBackItsKeyOnly() throws Exception {
    DataSource shipping = fresh();
    JdbcPublisher publisher =
        opened(
            JdbcPublisher.into(
                store(),
                JdbcTransactions.on(shipping),
                OutboxSettings.builder().maxPayloadBytes(5).build()));

    List<PublishResult> results =
        publisher.publish(
            List.of(
                message("7", "one"),
                message("7", "too long"),
                message("8", "two"),
                message("7", "three")));

    assertThat(kinds(results)).containsExactly(Kind.SENT, Kind.REJECTED, Kind.SENT, Kind.SKIPPED);
    assertThat(results.get(1).error()).contains("maxPayloadBytes");
    assertThat(waiting(shipping)).isEqualTo(2);
  }

  @Test
  void nothingOfABatchIsHandedOverThatDidNotCommit() throws Exception {
    DataSource shipping = fresh();
    Transactions reached = JdbcTransactions.on(shipping);
    Transactions failing =
        new Transactions() {
          @Override
          public <T> T inTransaction(Work<T> work) throws Exception {
            return reached.inTransaction(
                unit -> {
                  work.run(unit);
                  throw new SQLException("scripted", "57P01");
                });
          }
        };
    List<OutboxMessage> batch = List.of(message("7", "one"), message("8", "two"));
    JdbcPublisher publisher = opened(JdbcPublisher.into(store(), reached));
    JdbcPublisher broken = opened(brokenLater(failing, reached));

    assertThat(kinds(broken.publish(batch))).containsExactly(Kind.UNAVAILABLE, Kind.UNAVAILABLE);
    assertThat(waiting(shipping)).isZero();
    assertThat(kinds(publisher.publish(batch))).containsExactly(Kind.SENT, Kind.SENT);
    assertThat(waiting(shipping)).isEqualTo(2);
  }

  /** The checks at its start are to succeed. */
  private JdbcPublisher brokenLater(Transactions failing, Transactions sound) {
    AtomicInteger started = new AtomicInteger();
    JdbcPublisher publisher =
        JdbcPublisher.into(
            store(),
            new Transactions() {
              @Override
              public <T> T inTransaction(Work<T> work) throws Exception {
                return (started.get() == 0 ? sound : failing).inTransaction(work);
              }
            });
    started.set(1);
    return publisher;
  }

  private Inbox inbox(DataSource module, Duration wait) {
    return opened(
        Inbox.builder("shipping", store(), module).wait(wait).allowReducedDurability().build());
  }

  @Test
  void eachMessageIsHandledOnceByTheInboxOfItsTopic() throws Exception {
    DataSource module = fresh();
    List<Message> handled = new CopyOnWriteArrayList<>();
    Publisher publisher =
        InboxPublisher.builder()
            .route("orders", inbox(module, SOON), message -> tx -> handled.add(message))
            .build();
    OutboxMessage sent =
        OutboxMessage.to("orders")
            .key("7")
            .tenant("acme")
            .header("a", "b")
            .payload(new byte[] {1})
            .correlationId("corr")
            .build();
    append(module, List.of(sent, message("7", "next")));
    relay(module, publisher);
    OutboxTesting.eventually("both are handled", () -> handled.size() == 2);
    OutboxTesting.eventually("both are gone", () -> waiting(module) == 0);

    assertThat(kinds(publisher.publish(List.of(sent)))).containsExactly(Kind.SENT);
    assertThat(handled).hasSize(2);
    Message message = handled.get(0);
    assertThat(message.id()).isEqualTo(sent.id().toString());
    assertThat(message.source()).isEqualTo("orders");
    assertThat(message.tenant()).isEqualTo("acme");
    assertThat(message.subject()).contains("7");
    assertThat(message.correlationId()).contains("corr");
    assertThat(message.headers()).containsEntry("a", "b");
    assertThat(message.payload()).containsExactly(1);
  }

  @Test
  void aHandlerThatFailsHoldsBackItsKeyOnly() throws Exception {
    DataSource module = fresh();
    List<String> handled = new CopyOnWriteArrayList<>();
    Publisher publisher =
        InboxPublisher.builder()
            .route(
                "orders",
                inbox(module, SOON),
                message ->
                    tx -> {
                      String text = new String(message.payload(), StandardCharsets.UTF_8);
                      if (text.equals("bad")) {
                        throw new IllegalStateException("scripted");
                      }
                      handled.add(text);
                    })
            .build();

    List<PublishResult> results =
        publisher.publish(
            List.of(
                message("7", "one"),
                message("7", "bad"),
                message("8", "two"),
                message("7", "three"),
                OutboxMessage.of("elsewhere", "9", null)));

    assertThat(kinds(results))
        .containsExactly(Kind.SENT, Kind.FAILED, Kind.SENT, Kind.SKIPPED, Kind.REJECTED);
    assertThat(results.get(1).error()).contains("scripted");
    assertThat(results.get(4).error()).contains("elsewhere", "InboxPublisher.Builder.route");
    assertThat(handled).containsExactly("one", "two");
  }

  @Test
  void aMessageThatAnotherTransactionHandlesRightNowComesAgain() throws Exception {
    DataSource module = fresh();
    OutboxMessage sent = message("7", "one");
    Inbox inbox = inbox(module, Duration.ofMillis(50));
    Publisher publisher =
        InboxPublisher.builder().route("orders", inbox, message -> tx -> {}).build();
    try (Connection other = module.getConnection()) {
      other.setAutoCommit(false);
      inbox.claim(other, Message.builder(sent.id().toString()).source("orders").build());
      assertThat(kinds(publisher.publish(List.of(sent)))).containsExactly(Kind.UNAVAILABLE);
      other.rollback();
    }
    assertThat(kinds(publisher.publish(List.of(sent)))).containsExactly(Kind.SENT);
  }

  @Test
  void twoRoutesForOneTopicAreRefused() throws Exception {
    Inbox inbox = inbox(fresh(), SOON);
    InboxPublisher.Builder builder =
        InboxPublisher.builder().route("orders", inbox, message -> tx -> {});
    assertThatThrownBy(() -> builder.route("orders", inbox, message -> tx -> {}))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-409: ");
  }
}
