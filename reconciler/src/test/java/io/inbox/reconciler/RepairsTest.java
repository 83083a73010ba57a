package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.DuplicatePolicy;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.error.UsageException;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.reconciler.RepairResult.Failed;
import io.inbox.reconciler.RepairResult.Planned;
import io.inbox.reconciler.RepairResult.Refused;
import io.inbox.reconciler.RepairResult.Repaired;
import io.inbox.reconciler.RepairResult.Skipped;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each repair does, what it refuses, and what it leaves on record. */
@Timeout(600)
class RepairsTest {
  private static final RepairAction RE_OPEN = new RepairAction.ReOpen();
  private static final RepairAction BACKFILL = new RepairAction.Backfill();
  private static final String WHY = "ticket 4711, decided by the night shift";

  private Ledger ledger;
  private Instant hourAgo;

  private void open(Platform platform) throws SQLException {
    ledger = Ledger.on(platform);
    hourAgo = ledger.now().minus(Duration.ofHours(1));
  }

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(ledger.pool().getHikariPoolMXBean().getActiveConnections())
        .as("connections not given back")
        .isZero();
    ledger.close();
  }

  private static PairCheck check() {
    return PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(Ledger.BY_ID)).build();
  }

  private Repairs repairs() {
    return Repairs.open(ledger.store(), ledger.pool(), List.of(check()));
  }

  private void reconcile() {
    assertThat(
            Ledger.done(ledger.reconciler().check(check()).build().run()).checks().get(0).failure())
        .isEmpty();
  }

  private static RepairOrder.Builder all(RepairAction action, String kind) {
    return RepairOrder.builder(action)
        .findings(FindingQuery.first(1).ofCheck("payments").ofKind(kind))
        .reason(WHY)
        .by("tester");
  }

  private static RepairOrder.Builder key(RepairAction action, String id) {
    return RepairOrder.builder(action)
        .key(new MessageKey("", Ledger.CONSUMER, "", id))
        .reason(WHY)
        .by("tester");
  }

  private static RepairResult one(List<RepairResult> results) {
    assertThat(results).hasSize(1);
    return results.get(0);
  }

  private long repairsOnRecord() throws SQLException {
    return ledger.number("SELECT COUNT(*) FROM " + ledger.store().tables().quoted("repair"));
  }

  private long known(String id) throws SQLException {
    return ledger.number(
        "SELECT COUNT(*) FROM "
            + ledger.store().tables().quoted("message")
            + " WHERE \"message_id\" = '"
            + id
            + "' AND \"state\" = 0");
  }

  @ParameterizedTest
  @EnumSource
  void aPlanSaysWhatStandsThereAndWhatWould_andChangesNothing(Platform platform) throws Exception {
    open(platform);
    ledger.handled("lost", hourAgo);
    reconcile();

    RepairResult plan = one(repairs().preview(all(RE_OPEN, "HANDLED_WITHOUT_EFFECT").build()));

    assertThat(plan).isInstanceOf(Planned.class);
    assertThat(((Planned) plan).before())
        .startsWith("handled at " + hourAgo.toString().substring(0, 19));
    assertThat(((Planned) plan).after()).isEqualTo("not known: a redelivery is handled");
    assertThat(plan.about()).isEqualTo("HANDLED_WITHOUT_EFFECT payments lost");
    assertThat(known("lost")).isEqualTo(1);
    assertThat(repairsOnRecord()).isZero();
    assertThat(ledger.open("payments")).containsExactly("HANDLED_WITHOUT_EFFECT lost");
  }

  @ParameterizedTest
  @EnumSource
  void aForgottenKeyIsHandledAgain_andTheBooksAgree(Platform platform) throws Exception {
    open(platform);
    ledger.clean(200, hourAgo);
    ledger.handled("lost", hourAgo);
    reconcile();

    RepairResult done = one(repairs().apply(all(RE_OPEN, "HANDLED_WITHOUT_EFFECT").build()));

    assertThat(done).isInstanceOf(Repaired.class);
    assertThat(known("lost")).isZero();
    assertThat(known("lost") + repairsOnRecord()).isEqualTo(1);
    Finding finding =
        ledger.findings().list(FindingQuery.first(10).in(Finding.State.RESOLVED)).get(0);
    assertThat(finding.resolution().orElseThrow())
        .contains("RE_OPEN by tester: " + WHY, "repair " + ((Repaired) done).repair());
    try (Inbox inbox = ledger.inbox()) {
      assertThat(Ledger.handle(inbox, Message.of("lost", null)))
          .isInstanceOf(Outcome.Processed.class);
      assertThat(Ledger.handle(inbox, Message.of("lost", null)))
          .isInstanceOf(Outcome.Duplicate.class);
    }
    reconcile();
    assertThat(ledger.open("payments")).isEmpty();
    assertThat(repairs().apply(all(RE_OPEN, "HANDLED_WITHOUT_EFFECT").build())).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aKeyWhoseEffectIsThereIsForgottenOnlyIfSomebodyInsists(Platform platform) throws Exception {
    open(platform);
    ledger.handled("fine", hourAgo);
    ledger.booked("fine", hourAgo);

    assertThat(one(repairs().apply(key(RE_OPEN, "fine").build())))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.why()).contains("effect is there (1)"));
    Repairs blind = Repairs.open(ledger.store(), ledger.pool(), List.of());
    assertThat(one(blind.apply(key(RE_OPEN, "fine").build())))
        .isInstanceOfSatisfying(
            Refused.class, refused -> assertThat(refused.why()).contains("cannot be told"));
    assertThat(known("fine")).isEqualTo(1);
    assertThat(repairsOnRecord()).isZero();

    assertThat(one(repairs().apply(key(RE_OPEN, "fine").insist().build())))
        .isInstanceOfSatisfying(
            Repaired.class, it -> assertThat(it.before()).contains("its effect is there"));
    assertThat(known("fine")).isZero();
    assertThat(one(repairs().apply(key(RE_OPEN, "fine").insist().build())))
        .isInstanceOf(Skipped.class);
    assertThat(repairsOnRecord()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void whatHasMendedItselfIsSkipped(Platform platform) throws Exception {
    open(platform);
    ledger.handled("late", hourAgo);
    ledger.handled("changed", hourAgo);
    reconcile();
    List<RepairResult> plan = repairs().preview(all(RE_OPEN, "HANDLED_WITHOUT_EFFECT").build());
    assertThat(plan).hasSize(2).allMatch(Planned.class::isInstance);

    ledger.booked("late", hourAgo);
    ledger.update(
        "UPDATE "
            + ledger.store().tables().quoted("message")
            + " SET \"handled_at\" = ? WHERE \"message_id\" = 'changed'",
        hourAgo.plusSeconds(1));
    List<RepairResult> results =
        repairs()
            .apply(RepairOrder.builder(RE_OPEN).asPlanned(plan).reason(WHY).by("tester").build());

    assertThat(results).hasSize(2).allMatch(Skipped.class::isInstance);
    for (RepairResult result : results) {
      assertThat(((Skipped) result).why())
          .contains(result.about().endsWith("late") ? "agree" : "changed since the plan");
    }
    assertThat(known("late") + known("changed")).isEqualTo(2);
    assertThat(repairsOnRecord()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void anEffectThatNobodyHandledIsRecorded_soThatARedeliveryIsADuplicate(Platform platform)
      throws Exception {
    open(platform);
    ledger.clean(200, hourAgo);
    ledger.booked("unexplained", hourAgo);
    reconcile();

    assertThat(one(repairs().apply(key(BACKFILL, "no-effect").build())))
        .isInstanceOfSatisfying(
            Refused.class, it -> assertThat(it.why()).contains("there is no effect"));
    RepairResult done = one(repairs().apply(all(BACKFILL, "EFFECT_WITHOUT_HANDLING").build()));

    assertThat(done)
        .isInstanceOfSatisfying(
            Repaired.class, it -> assertThat(it.before()).isEqualTo("not known"));
    try (Inbox inbox = ledger.inbox()) {
      assertThat(Ledger.handle(inbox, Message.of("unexplained", null)))
          .isInstanceOf(Outcome.Duplicate.class);
    }
    reconcile();
    assertThat(ledger.open("payments")).isEmpty();
    assertThat(one(repairs().apply(key(BACKFILL, "unexplained").build())))
        .isInstanceOf(Skipped.class);
  }

  @ParameterizedTest
  @EnumSource
  void aBackfilledKeyAgreesWithItsEffectInEachComparedValue(Platform platform) throws Exception {
    open(platform);
    ledger.booked("unexplained", "acc_1", hourAgo);
    PairCheck withAccounts =
        PairCheck.byMessageId(
                "payments",
                Ledger.CONSUMER,
                Effects.select(
                    "SELECT message_id AS \"key\", account AS \"subject\" FROM payment WHERE booked_at >= :from AND booked_at < :to"))
            .build();
    Ledger.done(ledger.reconciler().check(withAccounts).build().run());
    Repairs repairs = Repairs.open(ledger.store(), ledger.pool(), List.of(withAccounts));

    assertThat(one(repairs.apply(all(BACKFILL, "EFFECT_WITHOUT_HANDLING").build())))
        .isInstanceOf(Repaired.class);

    Ledger.done(ledger.reconciler().check(withAccounts).build().run());
    assertThat(ledger.open("payments")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aDeadLetterIsHandledInOneTransactionWithItsRecord(Platform platform) throws Exception {
    open(platform);
    try (Inbox inbox =
        Inbox.builder(Ledger.CONSUMER, ledger.store(), ledger.pool())
            .allowReducedDurability()
            .retry(RetryPolicy.builder().maxAttempts(1).build())
            .build()) {
      assertThat(
              inbox.process(
                  Message.of("poison", null),
                  tx -> {
                    throw new IllegalStateException("not today");
                  }))
          .isInstanceOf(Outcome.DeadLettered.class);
      RepairAction broken =
          RepairAction.Replay.of(
              inbox,
              message ->
                  tx -> {
                    throw new IllegalStateException("still broken");
                  });
      assertThat(one(repairs().apply(key(broken, "poison").build())))
          .isInstanceOfSatisfying(
              Failed.class, it -> assertThat(it.why()).contains("still broken"));
      assertThat(repairsOnRecord()).isZero();
      RepairAction replay =
          RepairAction.Replay.of(
              inbox,
              message ->
                  tx ->
                      tx.connection()
                          .createStatement()
                          .execute(
                              "INSERT INTO payment (message_id, booked_at) VALUES ('"
                                  + message.id()
                                  + "', CURRENT_TIMESTAMP)"));
      assertThat(one(repairs().preview(key(replay, "poison").build()))).isInstanceOf(Planned.class);
      assertThat(one(repairs().apply(key(replay, "poison").build())))
          .isInstanceOfSatisfying(
              Repaired.class,
              it -> assertThat(it.before()).contains("OPEN, ATTEMPTS_EXHAUSTED after 1 attempt"));
      assertThat(one(repairs().apply(key(replay, "poison").build()))).isInstanceOf(Skipped.class);
    }
    assertThat(ledger.number("SELECT COUNT(*) FROM payment")).isEqualTo(1);
    assertThat(repairsOnRecord()).isEqualTo(1);
    assertThat(known("poison")).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void whatTheFirstHandlingAppendedIsSentAgainOnceForOneReason(Platform platform) throws Exception {
    open(platform);
    try (Inbox inbox =
            Inbox.builder(Ledger.CONSUMER, ledger.store(), ledger.pool())
                .allowReducedDurability()
                .onDuplicate(DuplicatePolicy.SEND_OUTBOX_AGAIN)
                .build();
        Outbox outbox = Outbox.open(ledger.store(), ledger.pool())) {
      inbox.process(
          Message.of("order", null),
          tx -> {
            tx.outbox()
                .append(OutboxMessage.to("shipping").key("a").payload(new byte[] {1}).build());
            tx.outbox()
                .append(OutboxMessage.to("shipping").key("a").payload(new byte[] {2}).build());
          });
      ledger.execute("DELETE FROM " + ledger.store().tables().quoted("outbox"));
      RepairAction again = new RepairAction.ReSend(outbox);

      assertThat(one(repairs().apply(key(again, "order").build())))
          .isInstanceOfSatisfying(
              Repaired.class,
              it -> assertThat(it.after()).isEqualTo("2 messages in the outbox again"));
      assertThat(one(repairs().apply(key(again, "order").build()))).isInstanceOf(Skipped.class);
      assertThat(outboxRows()).isEqualTo(2);
      assertThat(one(repairs().apply(key(again, "order").reason("once more").build())))
          .isInstanceOf(Repaired.class);
      assertThat(outboxRows()).isEqualTo(4);
      assertThat(
              ledger.number(
                  "SELECT COUNT(DISTINCT \"message_id\") FROM "
                      + ledger.store().tables().quoted("outbox")))
          .isEqualTo(2);
      assertThat(one(repairs().apply(key(again, "unknown").build()))).isInstanceOf(Skipped.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDeadLetterOfTheOutboxIsSentAgainOnce(Platform platform) throws Exception {
    open(platform);
    ledger.execute(
        "INSERT INTO "
            + ledger.store().tables().quoted("outbox_dead_letter")
            + " (\"message_id\", \"tenant\", \"topic\", \"appended_at\", \"reason\", \"attempts\")"
            + " VALUES ('0b5f6a2e-3f6c-4c7e-9d51-0123456789ab', '', 'shipping', CURRENT_TIMESTAMP, 'ATTEMPTS_EXHAUSTED', 3)");
    try (Outbox outbox = Outbox.open(ledger.store(), ledger.pool())) {
      long id =
          ledger.number(
              "SELECT \"id\" FROM " + ledger.store().tables().quoted("outbox_dead_letter"));
      RepairOrder order =
          RepairOrder.builder(new RepairAction.ReSend(outbox))
              .item(new RepairItem.OfOutboxLetter(id))
              .reason(WHY)
              .build();
      assertThat(one(repairs().apply(order))).isInstanceOf(Repaired.class);
      assertThat(one(repairs().apply(order)))
          .isInstanceOfSatisfying(Skipped.class, it -> assertThat(it.why()).contains("REQUEUED"));
      RepairOrder wrong =
          RepairOrder.builder(BACKFILL).item(new RepairItem.OfOutboxLetter(id)).reason(WHY).build();
      assertThat(one(repairs().apply(wrong))).isInstanceOf(Refused.class);
    }
    assertThat(outboxRows()).isEqualTo(1);
    assertThat(repairsOnRecord()).isEqualTo(1);
  }

  private long outboxRows() throws SQLException {
    return ledger.number("SELECT COUNT(*) FROM " + ledger.store().tables().quoted("outbox"));
  }

  @ParameterizedTest
  @EnumSource
  void twoThatRepairTheSameRepairEachItemOnce(Platform platform) throws Exception {
    open(platform);
    int items = 60;
    for (int i = 0; i < items; i++) {
      ledger.handled("lost-" + i, hourAgo);
    }
    reconcile();
    CyclicBarrier start = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<RepairResult> results = new ArrayList<>();
    try {
      List<Future<List<RepairResult>>> both = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        both.add(
            threads.submit(
                () -> {
                  start.await();
                  return repairs().apply(all(RE_OPEN, "HANDLED_WITHOUT_EFFECT").build());
                }));
      }
      for (Future<List<RepairResult>> each : both) {
        results.addAll(each.get());
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(results).noneMatch(Failed.class::isInstance).noneMatch(Refused.class::isInstance);
    assertThat(results.stream().filter(Repaired.class::isInstance)).hasSize(items);
    assertThat(repairsOnRecord()).isEqualTo(items);
    assertThat(ledger.open("payments")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = "H2")
  void anOrderHasAReasonAndABound(Platform platform) throws Exception {
    open(platform);
    for (int i = 0; i <= RepairOrder.WITHOUT_LIMIT; i++) {
      ledger.handled("lost-" + i, hourAgo);
    }
    reconcile();
    RepairOrder.Builder many = all(RE_OPEN, "HANDLED_WITHOUT_EFFECT");
    assertThatThrownBy(() -> repairs().apply(many.build()))
        .isInstanceOfSatisfying(
            UsageException.class, e -> assertThat(e.code()).isEqualTo("IBX-702"));
    assertThatThrownBy(() -> repairs().apply(many.limit(3).reason(" ").build()))
        .isInstanceOfSatisfying(
            UsageException.class, e -> assertThat(e.code()).isEqualTo("IBX-703"));
    assertThatThrownBy(() -> RepairOrder.builder(RE_OPEN).build())
        .isInstanceOfSatisfying(
            UsageException.class, e -> assertThat(e.code()).isEqualTo("IBX-720"));
    assertThat(repairsOnRecord()).isZero();
    assertThat(repairs().apply(many.reason(WHY).limit(3).build()))
        .hasSize(3)
        .allMatch(Repaired.class::isInstance);
    assertThat(repairsOnRecord()).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(names = {"H2", "POSTGRESQL_18"})
  void theKeyOfAFindingIsFoundAmongTenantsAndSources_andNeverGuessed(Platform platform)
      throws Exception {
    open(platform);
    ledger.handled("acme", "shop", "lost", null, hourAgo);
    ledger.handled("", "desk", "other", null, hourAgo);
    ledger.booked("other", hourAgo);
    ledger.booked("unexplained", hourAgo);
    reconcile();

    assertThat(one(repairs().apply(all(BACKFILL, "EFFECT_WITHOUT_HANDLING").build())))
        .isInstanceOfSatisfying(
            Refused.class, it -> assertThat(it.why()).contains("the consumer has several"));
    assertThat(one(repairs().apply(all(RE_OPEN, "HANDLED_WITHOUT_EFFECT").build())))
        .isInstanceOf(Repaired.class);
    assertThat(known("lost")).isZero();
    assertThat(
            ledger.number(
                "SELECT COUNT(*) FROM "
                    + ledger.store().tables().quoted("repair")
                    + " WHERE \"tenant\" = 'acme' AND \"source\" = 'shop' AND \"item\" = 'lost'"))
        .isEqualTo(1);
  }
}
