package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Backfill;
import io.inbox.DeadLetter;
import io.inbox.DeadLetterQuery;
import io.inbox.DeadLetters;
import io.inbox.DuplicatePolicy;
import io.inbox.Fingerprint;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.TypedInbox;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InboxException;
import io.inbox.migrations.Database;
import io.inbox.migrations.InboxScripts;
import io.inbox.spi.Codec;
import io.inbox.testkit.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything an inbox does, done by a login that is a member of the application's role and of
 * nothing else; without row-level security in one database, behind it in another.
 */
class ApplicationRoleTest {
  @TempDir private static Path folder;

  private static PostgresServer server;
  private static PaymentsDatabase plain;
  private static PaymentsDatabase secured;

  @BeforeAll
  static void createRoles() throws Exception {
    server = PostgresServer.shared(PostgresServer.NEWEST);
    plain = PaymentsDatabase.on(server);
    secured = PaymentsDatabase.on(server);
    InboxScripts.of(Database.POSTGRESQL).render(folder);
    plain.execute(script("roles.sql"));
    secured.execute(script("roles.sql"), script("row-level-security.sql"));
    plain.execute("CREATE ROLE payments_service LOGIN IN ROLE inbox_app");
    for (PaymentsDatabase database : List.of(plain, secured)) {
      database.execute("GRANT SELECT, INSERT ON applied TO payments_service");
    }
  }

  @AfterAll
  static void dropRole() throws Exception {
    for (PaymentsDatabase database : List.of(plain, secured)) {
      database.execute("DROP OWNED BY payments_service");
    }
    plain.execute("DROP ROLE payments_service");
  }

  private static String script(String name) throws Exception {
    return Files.readString(folder.resolve(name));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theRoleIsEnoughForEverythingAnInboxDoes(boolean rowLevelSecurity) throws Exception {
    PaymentsDatabase database = rowLevelSecurity ? secured : plain;
    try (HikariDataSource pool = service(database);
        Inbox inbox =
            inbox("everything", pool, rowLevelSecurity)
                .retry(
                    RetryPolicy.builder()
                        .maxAttempts(2)
                        .initialBackoff(Duration.ofMillis(1))
                        .build())
                .fingerprint(Fingerprint.ofPayload())
                .onDuplicate(DuplicatePolicy.RETURN_FIRST_RESULT)
                .build()) {
      handlesMessagesAndBatches(inbox);
      returnsStoredResults(inbox);
      givesUpAndReplays(inbox, database);
      keepsWhatItMustNotHandle(inbox);
      takesOverOldKeys(inbox);
    }
  }

  private static void handlesMessagesAndBatches(Inbox inbox) {
    Message one = message("acme", "one", "x");
    assertThat(inbox.process(one, PaymentsDatabase.applying(one)))
        .isInstanceOf(Outcome.Processed.class);
    assertThat(inbox.processBatch(List.of(one, message("acme", "two", "x")), (fresh, tx) -> {}))
        .extracting(outcome -> outcome.getClass().getSimpleName())
        .containsExactly("Duplicate", "Processed");
  }

  private static void returnsStoredResults(Inbox inbox) {
    TypedInbox<String, String> typed = inbox.typed(Codec.utf8()).returning(Codec.utf8());
    Message message = message("acme", "typed", "payload");

    typed.process(message, (payload, tx) -> payload.toUpperCase(Locale.ROOT));
    Outcome<String> again = typed.process(message, (payload, tx) -> "never");

    assertThat(again).isInstanceOf(Outcome.Duplicate.class);
    assertThat(((Outcome.Duplicate<String>) again).result()).isEqualTo("PAYLOAD");
  }

  private static void givesUpAndReplays(Inbox inbox, PaymentsDatabase database) throws Exception {
    for (String id : List.of("replayed", "discarded")) {
      Message poison = message("acme", id, "x");
      assertThat(
              inbox.process(
                  poison,
                  tx -> {
                    throw new IllegalStateException("poison");
                  }))
          .isInstanceOf(Outcome.Failed.class);
      assertThat(
              inbox.process(
                  poison,
                  tx -> {
                    throw new IllegalStateException("poison");
                  }))
          .isInstanceOf(Outcome.DeadLettered.class);
    }
    DeadLetters letters = inbox.deadLetters().ofTenant("acme");
    List<DeadLetter> open = letters.list(DeadLetterQuery.first(10));
    assertThat(open).hasSize(2);
    assertThat(letters.show(open.get(0).id())).isPresent();

    assertThat(letters.replay(open.get(0).id(), null, PaymentsDatabase::applying))
        .isInstanceOf(Outcome.Processed.class);
    letters.discard(open.get(1).id(), "a test");

    assertThat(letters.list(DeadLetterQuery.first(10))).isEmpty();
    assertThat(database.applied("replayed")).isOne();
    assertThat(letters.storeWithoutId(Map.of("a", "b"), new byte[] {1}, "no id")).isPositive();
  }

  private static void keepsWhatItMustNotHandle(Inbox inbox) {
    assertThat(inbox.process(message("acme", "one", "other content"), tx -> {}))
        .isInstanceOf(Outcome.Mismatch.class);
    Message old =
        Message.builder("old").tenant("acme").time(Instant.EPOCH).payload(new byte[0]).build();
    assertThat(inbox.process(old, tx -> {})).isInstanceOf(Outcome.OutsideWindow.class);
  }

  private static void takesOverOldKeys(Inbox inbox) {
    var before = new Backfill.Handled("acme", "", "before", Instant.now());
    assertThat(inbox.backfill().record(List.of(before).iterator())).isOne();
    assertThat(inbox.process(message("acme", "before", "x"), tx -> {}))
        .isInstanceOf(Outcome.Duplicate.class);
  }

  @Test
  void oneKeyInTwoTenantsIsTwoMessages() throws Exception {
    try (HikariDataSource pool = service(secured);
        Inbox inbox = inbox("tenants", pool, true).build()) {
      for (String tenant : List.of("acme", "umbrella")) {
        Message message = message(tenant, "shared-key", "x");
        assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
            .isInstanceOf(Outcome.Processed.class);
        assertThat(inbox.process(message, PaymentsDatabase.applying(message)))
            .isInstanceOf(Outcome.Duplicate.class);
      }
      assertThat(secured.applied("shared-key")).isEqualTo(2);
      assertThat(inbox.processBatch(List.of(message("acme", "shared-key", "x")), (f, tx) -> {}))
          .allMatch(Outcome.Duplicate.class::isInstance);
    }
  }

  @Test
  void aStoreThatDoesNotNameTheTenantIsRefusedAtTheStart() {
    try (HikariDataSource pool = service(secured)) {
      assertThatThrownBy(() -> inbox("unnamed", pool, false).build())
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("IBX-510")
          .hasMessageContaining("PostgresStore.Builder.rowLevelSecurity");
    }
  }

  @Test
  void aMessageWithoutATenantIsRefusedClearly() {
    try (HikariDataSource pool = service(secured);
        Inbox inbox = inbox("tenantless", pool, true).build()) {
      Message message = PaymentsDatabase.message("tenantless");
      assertThatThrownBy(() -> inbox.process(message, tx -> {}))
          .isInstanceOf(InboxException.class)
          .hasMessageContaining("tenant");
      assertThatThrownBy(() -> inbox.processBatch(List.of(message), (fresh, tx) -> {}))
          .isInstanceOf(InboxException.class)
          .hasMessageContaining("tenant");
    }
  }

  @Test
  void policiesThatWouldNotBindTheRoleAreRefusedAtTheStart() throws Exception {
    try (HikariDataSource superuser = secured.pool(1);
        HikariDataSource withoutPolicies = service(plain)) {
      for (HikariDataSource pool : List.of(superuser, withoutPolicies)) {
        assertThatThrownBy(() -> inbox("unbound", pool, true).build())
            .isInstanceOf(ConfigurationException.class)
            .hasMessageStartingWith("IBX-510");
      }
    }
  }

  private static Message message(String tenant, String id, String payload) {
    return Message.builder(id)
        .tenant(tenant)
        .payload(payload.getBytes(StandardCharsets.UTF_8))
        .build();
  }

  private static HikariDataSource service(PaymentsDatabase database) {
    return PaymentsDatabase.pool(
        database.url().replace("user=postgres", "user=payments_service"), 2);
  }

  private static Inbox.Builder inbox(
      String consumer, HikariDataSource pool, boolean rowLevelSecurity) {
    return Inbox.builder(
            consumer, PostgresStore.builder().rowLevelSecurity(rowLevelSecurity).build(), pool)
        .multiTenant(rowLevelSecurity);
  }
}
