package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Buckets;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.migrations.Database;
import io.inbox.migrations.InboxScripts;
import io.inbox.reconciler.RepairResult.Refused;
import io.inbox.reconciler.RepairResult.Repaired;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks and repairs where keys are in buckets. */
class BucketsReconciledTest {
  private static final RepairAction BACKFILL = new RepairAction.Backfill();

  @TempDir private Path folder;
  private Ledger ledger;

  @BeforeEach
  void makeBuckets() throws Exception {
    ledger = Ledger.on(Platform.POSTGRESQL_18);
    InboxScripts.of(Database.POSTGRESQL).render(folder);
    ledger.execute(Files.readString(folder.resolve("time-buckets.sql")));
  }

  @AfterEach
  void closeDatabase() {
    ledger.close();
  }

  private Inbox inbox(Buckets buckets) {
    return Inbox.builder(Ledger.CONSUMER, ledger.store(), ledger.pool()).buckets(buckets).build();
  }

  private static String uuid(Instant time) {
    return new UUID(
            (time.toEpochMilli() << 16) | 0x7000, UUID.randomUUID().getLeastSignificantBits())
        .toString();
  }

  private static PairCheck check() {
    return PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(Ledger.BY_ID)).build();
  }

  private List<String> findings() {
    Ledger.done(ledger.reconciler().check(check()).settle(Duration.ZERO).build().run());
    return ledger.open("payments");
  }

  private RepairResult repair(RepairAction action, String id) {
    Repairs repairs = Repairs.open(ledger.store(), ledger.pool(), List.of(check()));
    return repairs
        .apply(
            RepairOrder.builder(action)
                .key(new MessageKey("", Ledger.CONSUMER, "", id))
                .reason("a test")
                .by("tester")
                .build())
        .get(0);
  }

  private String places(String id) throws SQLException {
    return ledger.number("SELECT count(*) FROM inbox.message_plain WHERE message_id = '" + id + "'")
        + " plain, "
        + ledger.number("SELECT count(*) FROM inbox.message WHERE message_id = '" + id + "'")
        + " in all";
  }

  @Test
  void aKeyAndItsShadowAreOneHandlingForTheCheck() throws Exception {
    String moving = uuid(Instant.now().minus(Duration.ofDays(1)));
    String moved = uuid(Instant.now().minus(Duration.ofDays(2)));
    try (Inbox inbox = inbox(Buckets.byUuidV7().moving())) {
      Ledger.handle(inbox, Message.of(moving, null));
    }
    try (Inbox inbox = inbox(Buckets.byUuidV7())) {
      Ledger.handle(inbox, Message.of(moved, null));
    }
    assertThat(places(moving)).isEqualTo("1 plain, 2 in all");
    assertThat(places(moved)).isEqualTo("0 plain, 1 in all");
    assertThat(findings()).isEmpty();
    ledger.execute("DELETE FROM payment");
    assertThat(findings())
        .containsExactlyInAnyOrder(
            "HANDLED_WITHOUT_EFFECT " + moving, "HANDLED_WITHOUT_EFFECT " + moved);
  }

  @Test
  void aForgottenKeyIsHandledAgainThoughItHadAShadow() throws Exception {
    String id = uuid(Instant.now());
    try (Inbox inbox = inbox(Buckets.byUuidV7().moving())) {
      Ledger.handle(inbox, Message.of(id, null));
    }
    ledger.execute("DELETE FROM payment");
    assertThat(findings()).hasSize(1);
    assertThat(repair(new RepairAction.ReOpen(), id)).isInstanceOf(Repaired.class);
    assertThat(places(id)).isEqualTo("0 plain, 0 in all");
    try (Inbox inbox = inbox(Buckets.byUuidV7())) {
      assertThat(Ledger.handle(inbox, Message.of(id, null))).isInstanceOf(Outcome.Processed.class);
    }
    assertThat(findings()).isEmpty();
  }

  @Test
  void anUnexplainedEffectIsRecordedWhereADeliveryLooks() throws Exception {
    inbox(Buckets.byUuidV7().moving()).close();
    Instant hourAgo = Instant.now().minus(Duration.ofHours(1));
    String id = uuid(hourAgo);
    String old = uuid(hourAgo.minus(Duration.ofDays(100)));
    for (String effect : List.of(id, old, "no time")) {
      ledger.booked(effect, hourAgo);
    }
    assertThat(findings()).hasSize(3);
    assertThat(repair(BACKFILL, id))
        .isInstanceOfSatisfying(
            Refused.class, it -> assertThat(it.why()).contains("finish the move"));
    try (Inbox inbox = inbox(Buckets.byUuidV7())) {
      assertThat(repair(BACKFILL, "no time"))
          .isInstanceOfSatisfying(Refused.class, it -> assertThat(it.why()).contains("uuid-v7"));
      assertThat(repair(BACKFILL, id)).isInstanceOf(Repaired.class);
      assertThat(places(id)).isEqualTo("0 plain, 1 in all");
      assertThat(repair(BACKFILL, old)).isInstanceOf(Repaired.class);
      assertThat(places(old)).isEqualTo("1 plain, 1 in all");
      for (String known : List.of(id, old)) {
        assertThat(Ledger.handle(inbox, Message.of(known, null)))
            .isInstanceOf(Outcome.Duplicate.class);
      }
    }
  }

  @Test
  void theBuiltInChecksSeeTheBuckets() throws Exception {
    inbox(Buckets.byUuidV7().moving()).close();
    ledger.update(
        "UPDATE inbox.consumer SET purge_horizon = ?", ledger.now().minus(Duration.ofDays(15)));
    String today = ledger.now().toString().substring(0, 10);
    BuiltInChecks checks = BuiltInChecks.ofDefaults();
    Ledger.done(ledger.reconciler().builtInChecks(checks).build().run());
    assertThat(ledger.open("inbox.settings")).isEmpty();
    ledger.execute(
        "CREATE UNIQUE INDEX second ON inbox.message_"
            + today.replace("-", "")
            + " (correlation_id)");
    Ledger.done(ledger.reconciler().builtInChecks(checks).build().run());
    assertThat(ledger.open("inbox.settings")).containsExactly("SECOND_UNIQUE_INDEX inbox.second");
  }
}
