package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.DeadLetterQuery;
import io.inbox.DeadLetters;
import io.inbox.DuplicatePolicy;
import io.inbox.Fingerprint;
import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.error.ConfigurationException;
import io.inbox.error.SchemaException;
import io.inbox.error.UsageException;
import io.inbox.migrations.Database;
import io.inbox.migrations.InboxScripts;
import io.inbox.outbox.InMemoryPublisher;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxDeadLetter;
import io.inbox.outbox.OutboxDeadLetterQuery;
import io.inbox.outbox.OutboxDeadLetters;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.testkit.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A service that appends, by a login that is a member of the application's role only, and a relay
 * that publishes, by one of the relay's role only; without row-level security in one database,
 * behind it in another.
 */
class OutboxAsRolesTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String EMPTY =
      "NOT EXISTS (SELECT FROM inbox.outbox) AND NOT EXISTS (SELECT FROM inbox.outbox_delayed)"
          + " AND NOT EXISTS (SELECT FROM inbox.outbox_parked) AND NOT EXISTS (SELECT FROM inbox.outbox_blocked)";

  @TempDir private static Path folder;

  private static PaymentsDatabase plain;
  private static PaymentsDatabase secured;

  @BeforeAll
  static void createRoles() throws Exception {
    PostgresServer server = PostgresServer.shared(PostgresServer.NEWEST);
    plain = PaymentsDatabase.on(server);
    secured = PaymentsDatabase.on(server);
    InboxScripts.of(Database.POSTGRESQL).render(folder);
    plain.execute(script("roles.sql"));
    secured.execute(script("roles.sql"), script("row-level-security.sql"));
    plain.execute(
        "CREATE ROLE orders_service LOGIN IN ROLE inbox_app",
        "CREATE ROLE orders_relay LOGIN IN ROLE inbox_relay",
        "CREATE ROLE orders_owner LOGIN IN ROLE inbox_owner");
    for (PaymentsDatabase database : List.of(plain, secured)) {
      database.execute("GRANT SELECT, INSERT ON applied TO orders_service");
    }
  }

  @AfterAll
  static void dropRoles() throws Exception {
    for (PaymentsDatabase database : List.of(plain, secured)) {
      database.execute("DROP OWNED BY orders_service, orders_relay, orders_owner");
    }
    plain.execute("DROP ROLE orders_service, orders_relay, orders_owner");
  }

  private static String script(String name) throws Exception {
    return Files.readString(folder.resolve(name));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theRolesAreEnoughToAppendPublishGiveUpAndRequeue(boolean rowLevelSecurity) throws Exception {
    PaymentsDatabase database = rowLevelSecurity ? secured : plain;
    Choosy publisher = new Choosy();
    try (HikariDataSource service = as("orders_service", database);
        HikariDataSource relays = as("orders_relay", database);
        Inbox inbox = inbox("orders", service, rowLevelSecurity).build();
        Outbox outbox = Outbox.open(PostgresStore.create(), relays)) {
      assertThat(inbox.process(message("one", "x"), appending("bad", "after bad")))
          .isInstanceOf(Outcome.Processed.class);
      try (Relay relay = relay(relays, publisher)) {
        assertThat(publisher.taken.await(3, SOON)).isTrue(); // after bad, elsewhere, later
        database.await(EMPTY);
        assertThat(texts(publisher))
            .containsExactlyInAnyOrder("after bad", "of another tenant", "later");

        OutboxDeadLetters letters = outbox.deadLetters();
        OutboxDeadLetter letter = letters.list(OutboxDeadLetterQuery.first(10)).get(0);
        assertThat(letter.message().tenant()).isEqualTo("acme");
        assertThat(letters.show(letter.id())).isPresent();
        publisher.heal();
        letters.requeue(letter.id(), "the receiver is mended");

        assertThat(publisher.taken.await(4, SOON)).isTrue();
        assertThat(texts(publisher)).endsWith("bad");
        database.await(EMPTY);
        assertThat(letters.list(OutboxDeadLetterQuery.first(10))).isEmpty();
        assertThat(relay.slots()).hasSize(16);
      }
    }
    assertThat(database.number("SELECT count(*) FROM inbox.outbox_slot WHERE owner IS NOT NULL"))
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDuplicateSendsItAgainAndAReplayReplacesWhatIsSentAgain(boolean rowLevelSecurity)
      throws Exception {
    PaymentsDatabase database = rowLevelSecurity ? secured : plain;
    Choosy publisher = new Choosy();
    publisher.heal();
    try (HikariDataSource service = as("orders_service", database);
        HikariDataSource relays = as("orders_relay", database);
        Inbox inbox =
            inbox("again", service, rowLevelSecurity)
                .onDuplicate(DuplicatePolicy.SEND_OUTBOX_AGAIN)
                .fingerprint(Fingerprint.ofPayload())
                .build();
        Relay relay = relay(relays, publisher)) {
      Message message = message("repeated", "x");
      inbox.process(message, appending("paid"));
      assertThat(publisher.taken.await(3, SOON)).isTrue();
      assertThat(inbox.process(message, tx -> {})).isInstanceOf(Outcome.Duplicate.class);
      assertThat(publisher.taken.await(6, SOON)).isTrue();
      List<String> first = sent(publisher.taken.published().subList(0, 3));
      assertThat(sent(publisher.taken.published().subList(3, 6)))
          .containsExactlyInAnyOrderElementsOf(first);

      assertThat(inbox.process(message("repeated", "other"), tx -> {}))
          .isInstanceOf(Outcome.Mismatch.class);
      DeadLetters letters = inbox.deadLetters().ofTenant("acme");
      long id = letters.list(DeadLetterQuery.first(1)).get(0).id();
      assertThat(letters.replay(id, "it was meant so", it -> appending("corrected")))
          .isInstanceOf(Outcome.Processed.class);
      assertThat(publisher.taken.await(9, SOON)).isTrue();
      inbox.process(message, tx -> {});
      assertThat(publisher.taken.await(12, SOON)).isTrue();

      assertThat(texts(publisher).subList(9, 12)).contains("corrected").doesNotContain("paid");
      database.await(EMPTY);
      assertThat(relay.slots()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theApplicationCannotLookAtWhatTheRelayGaveUp(boolean rowLevelSecurity) {
    PaymentsDatabase database = rowLevelSecurity ? secured : plain;
    try (HikariDataSource service = as("orders_service", database);
        Outbox outbox = Outbox.open(store(rowLevelSecurity), service)) {
      assertThatThrownBy(() -> outbox.deadLetters().list(OutboxDeadLetterQuery.first(1)))
          .isInstanceOf(SchemaException.class)
          .hasMessageContaining("grant the role");
    }
  }

  @Test
  void theRelayChangesTheNumberOfSlotsAndNobodyWhoMayOverlookAMessageDoes() throws Exception {
    try (HikariDataSource relays = as("orders_relay", secured);
        HikariDataSource service = as("orders_service", secured);
        HikariDataSource owners = as("orders_owner", secured);
        Inbox inbox = inbox("resized", service, true).build();
        Outbox byRelay = Outbox.open(PostgresStore.create(), relays);
        Outbox byOwner = Outbox.open(store(true), owners)) {
      inbox.process(message("waits", "x"), appending("waits"));

      assertThatThrownBy(() -> byRelay.resize(4))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("messages wait");
      assertThatThrownBy(() -> byOwner.resize(4))
          .isInstanceOf(UsageException.class)
          .hasMessageContaining("messages of others would be overlooked");
      assertThatThrownBy(() -> Outbox.open(PostgresStore.create(), owners))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("IBX-510");

      secured.execute("DELETE FROM inbox.outbox", "DELETE FROM inbox.outbox_delayed");
      byRelay.resize(4);
      assertThat(secured.number("SELECT count(*) FROM inbox.outbox_slot")).isEqualTo(4);
      byRelay.resize(16);
    }
  }

  /** Appends messages of one key in order, one for another tenant, and one that is due at once. */
  private static Handler appending(String... texts) {
    return tx -> {
      for (String text : texts) {
        tx.outbox().append(OutboxMessage.of("orders", "7", bytes(text)));
      }
      tx.outbox()
          .append(
              OutboxMessage.to("orders")
                  .key("7")
                  .tenant("umbrella")
                  .payload(bytes("of another tenant"))
                  .build());
      tx.outbox()
          .append(
              OutboxMessage.to("orders")
                  .key("8")
                  .payload(bytes("later"))
                  .notBefore(Instant.EPOCH.plusSeconds(1))
                  .build());
    };
  }

  private static Message message(String id, String payload) {
    return Message.builder(id).tenant("acme").payload(bytes(payload)).build();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> texts(Choosy publisher) {
    return publisher.taken.published().stream().map(OutboxAsRolesTest::text).toList();
  }

  private static String text(OutboxMessage message) {
    return new String(message.payload(), StandardCharsets.UTF_8);
  }

  private static List<String> sent(List<OutboxMessage> messages) {
    return messages.stream()
        .map(it -> it.id() + " " + it.tenant() + " " + it.topic() + " " + it.key() + " " + text(it))
        .toList();
  }

  private static HikariDataSource as(String login, PaymentsDatabase database) {
    return PaymentsDatabase.pool(database.url().replace("user=postgres", "user=" + login), 4);
  }

  private static PostgresStore store(boolean rowLevelSecurity) {
    return PostgresStore.builder().rowLevelSecurity(rowLevelSecurity).build();
  }

  private static Inbox.Builder inbox(
      String consumer, HikariDataSource pool, boolean rowLevelSecurity) {
    return Inbox.builder(consumer, store(rowLevelSecurity), pool).multiTenant(rowLevelSecurity);
  }

  /** The relay serves every tenant, so its store names none. */
  private static Relay relay(HikariDataSource pool, Publisher publisher) {
    return Relay.builder(PostgresStore.create(), pool, publisher)
        .lease(Duration.ofSeconds(2))
        .retry(
            RetryPolicy.builder()
                .maxAttempts(3)
                .initialBackoff(Duration.ofMillis(20))
                .maxBackoff(Duration.ofMillis(40))
                .build())
        .start();
  }

  /** Fails for "bad" until it is mended, and then skips the rest of that key, as it must. */
  private static final class Choosy implements Publisher {
    final InMemoryPublisher taken = new InMemoryPublisher();
    private volatile boolean mended;

    void heal() {
      mended = true;
    }

    @Override
    public List<PublishResult> publish(List<OutboxMessage> batch) {
      List<PublishResult> results = new ArrayList<>();
      List<String> stopped = new ArrayList<>();
      for (OutboxMessage message : batch) {
        String lane = message.tenant() + message.key();
        if (stopped.contains(lane)) {
          results.add(PublishResult.skipped());
        } else if (!mended && text(message).equals("bad")) {
          stopped.add(lane);
          results.add(PublishResult.failed("the receiver is broken"));
        } else {
          results.addAll(taken.publish(List.of(message)));
        }
      }
      return results;
    }

    @Override
    public void close() {
      taken.close();
    }
  }
}
