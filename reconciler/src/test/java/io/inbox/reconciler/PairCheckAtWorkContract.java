package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.ReconcileReport.Ended;
import io.inbox.reconciler.spi.EffectSource;
import io.inbox.reconciler.spi.EffectStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pair check of a system at work: transactions that commit late, keys that are collected. */
@Timeout(300)
abstract class PairCheckAtWorkContract {
  private Ledger ledger;
  private Instant now;
  private Instant hourAgo;

  abstract Ledger open() throws SQLException;

  @BeforeEach
  void prepare() throws SQLException {
    ledger = open();
    now = ledger.now();
    hourAgo = now.minus(Duration.ofHours(1));
  }

  @AfterEach
  void close() {
    assertThat(ledger.pool().getHikariPoolMXBean().getActiveConnections()).isZero();
    ledger.close();
  }

  private CheckReport run(PairCheck check) {
    Reconciler reconciler = ledger.reconciler().withoutBuiltInChecks().check(check).build();
    CheckReport report = Ledger.done(reconciler.run()).checks().get(0);
    assertThat(report.failure()).isEmpty();
    assertThat(report.ended()).isEqualTo(Ended.COMPLETE);
    return report;
  }

  private static PairCheck.Builder byId(Effects effects) {
    return PairCheck.byMessageId("payments", Ledger.CONSUMER, effects)
        .lookAgainAfter(Duration.ofMillis(1));
  }

  /** Runs something once, while a check reads its effects. */
  private interface Meanwhile {
    void happens() throws Exception;
  }

  /** The payments, and something that happens before they are read for the first time. */
  private final class Payments implements EffectSource {
    private final Meanwhile meanwhile;
    private boolean happened;

    Payments(Meanwhile meanwhile) {
      this.meanwhile = meanwhile;
    }

    @Override
    public String name() {
      return "payments";
    }

    @Override
    public List<String> columns() {
      return List.of("key");
    }

    @Override
    public boolean canLookFurther() {
      return true;
    }

    @Override
    public EffectStream open(Instant from, Instant to) throws Exception {
      if (!happened) {
        happened = true;
        meanwhile.happens();
      }
      Iterator<String> keys = read(from, to).iterator();
      return new EffectStream() {
        @Override
        public @Nullable List<@Nullable String> next() {
          return keys.hasNext() ? List.of(keys.next()) : null;
        }

        @Override
        public void close() {}
      };
    }
  }

  private List<String> read(Instant from, Instant to) throws SQLException {
    List<String> keys = new ArrayList<>();
    try (Connection connection = ledger.pool().getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "SELECT message_id FROM payment WHERE booked_at >= ? AND booked_at < ?")) {
      select.setObject(1, from.atOffset(ZoneOffset.UTC));
      select.setObject(2, to.atOffset(ZoneOffset.UTC));
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          keys.add(row.getString(1));
        }
      }
    }
    return keys;
  }

  @Test
  void takesNoKeyForDriftThatIsCollectedMeanwhile() throws Exception {
    Instant old = now.minus(Duration.ofDays(20));
    for (int i = 0; i < 50; i++) {
      ledger.handled("old-" + i, old);
      ledger.booked("old-" + i, old);
    }
    ledger.booked("unexplained", hourAgo);
    // The inbox is read by another thread at the same time: whichever is first, it must be right.
    for (int i = 0; i < 2; i++) {
      CheckReport report =
          run(
              byId(Effects.from(
                      new Payments(
                          () -> Collector.builder(ledger.store(), ledger.pool()).build().run())))
                  .build());
      assertThat(ledger.open("payments")).containsExactly("EFFECT_WITHOUT_HANDLING unexplained");
      assertThat(report.figures().get("suspects_undecided")).isZero();
    }
    assertThat(ledger.number("SELECT COUNT(*) FROM " + ledger.store().tables().quoted("message")))
        .isZero();
  }

  @Test
  void takesNoKeyForDriftThatIsCollectedBetweenTheLooks() throws Exception {
    Instant old = now.minus(Duration.ofDays(20));
    ledger.handled("old", old);
    ledger.booked("old", old);
    run(byId(Effects.select(Ledger.BY_ID)).build());
    // As the first look may have seen it: the key is gone, the horizon has moved.
    ledger.update("DELETE FROM " + ledger.store().tables().quoted("message"));
    run(
        byId(Effects.from(
                new Payments(
                    () ->
                        ledger.update(
                            "UPDATE "
                                + ledger.store().tables().quoted("consumer")
                                + " SET \"purge_horizon\" = ?",
                            now.minus(Duration.ofDays(15))))))
            .build());
    assertThat(ledger.open("payments")).isEmpty();
  }

  @Test
  void looksAtNothingFromBeforeThePurgeHorizon() throws SQLException {
    ledger.update(
        "UPDATE " + ledger.store().tables().quoted("consumer") + " SET \"purge_horizon\" = ?",
        now.minus(Duration.ofDays(15)));
    ledger.booked("collected", now.minus(Duration.ofDays(15)).plus(Duration.ofMinutes(59)));
    ledger.booked("unexplained", now.minus(Duration.ofDays(15)).plus(Duration.ofMinutes(61)));
    run(byId(Effects.select(Ledger.BY_ID)).build());
    assertThat(ledger.open("payments")).containsExactly("EFFECT_WITHOUT_HANDLING unexplained");
    run(byId(Effects.select(Ledger.BY_ID)).from(now.minus(Duration.ofDays(30))).build());
    assertThat(ledger.open("payments")).containsExactly("EFFECT_WITHOUT_HANDLING unexplained");
  }

  @Test
  void leavesAMissingEffectOpenWhoseKeyWasCollected() throws SQLException {
    ledger.handled("lost", now.minus(Duration.ofDays(20)));
    ledger.handled("forgotten", hourAgo);
    run(byId(Effects.select(Ledger.BY_ID)).build());
    assertThat(ledger.open("payments")).hasSize(2);
    Collector.builder(ledger.store(), ledger.pool()).build().run();
    // What was deleted by hand, so that it is handled again, cannot have been collected.
    ledger.update(
        "DELETE FROM "
            + ledger.store().tables().quoted("message")
            + " WHERE \"message_id\" = 'forgotten'");
    run(byId(Effects.select(Ledger.BY_ID)).build());
    assertThat(ledger.open("payments")).containsExactly("HANDLED_WITHOUT_EFFECT lost");
  }

  @Test
  void takesNothingForDriftThatIsCommittedBetweenTheReadings() throws Exception {
    try (Connection late = ledger.pool().getConnection()) {
      late.setAutoCommit(false);
      // Its key is older than any settle delay when it commits.
      for (String sql :
          List.of(
              "INSERT INTO payment (message_id, booked_at) VALUES ('late', ?)",
              "INSERT INTO "
                  + ledger.store().tables().quoted("message")
                  + " (\"tenant\", \"consumer\", \"source\", \"message_id\", \"handled_at\") VALUES ('', 'payments', '', 'late', ?)")) {
        try (PreparedStatement insert = late.prepareStatement(sql)) {
          insert.setObject(1, hourAgo.atOffset(ZoneOffset.UTC));
          insert.executeUpdate();
        }
      }
      run(byId(Effects.from(new Payments(late::commit))).build());
      late.setAutoCommit(true);
    }
    assertThat(ledger.open("payments")).isEmpty();
  }

  @Test
  void doesNotDecideAboutWhatKeepsChanging() throws Exception {
    ledger.handled("", "", "m-0", "acc-1", hourAgo);
    // Each look finds another effect: somebody is at work.
    EffectSource restless =
        new EffectSource() {
          private int looks;

          @Override
          public String name() {
            return "restless";
          }

          @Override
          public List<String> columns() {
            return List.of("key", "correlation_id");
          }

          @Override
          public boolean canLookFurther() {
            return true;
          }

          @Override
          public EffectStream open(Instant from, Instant to) {
            Iterator<List<@Nullable String>> rows =
                List.<List<@Nullable String>>of(List.of("m-0", "c-" + looks++)).iterator();
            return new EffectStream() {
              @Override
              public @Nullable List<@Nullable String> next() {
                return rows.hasNext() ? rows.next() : null;
              }

              @Override
              public void close() {}
            };
          }
        };
    CheckReport report = run(byId(Effects.from(restless)).build());
    assertThat(ledger.open("payments")).isEmpty();
    assertThat(report.figures()).containsEntry("suspects_undecided", 1L);
  }

  @Test
  void findsASecondEffectLongAfterTheFirst() throws SQLException {
    Instant first = now.minus(Duration.ofDays(3));
    ledger.handled("twice", first);
    ledger.booked("twice", first);
    ledger.booked("twice", hourAgo);
    ledger.handled("late", first);
    ledger.booked("late", hourAgo);
    run(byId(Effects.select(Ledger.BY_ID)).reach(Duration.ofDays(1)).build());
    assertThat(ledger.open("payments")).containsExactly("EFFECT_TWICE twice");
  }

  @Test
  void countsOnlyWhatHasSettled() throws SQLException {
    ledger.handled("young", now);
    ledger.booked("also-young", now);
    run(byId(Effects.select(Ledger.BY_ID)).build());
    assertThat(ledger.open("payments")).isEmpty();
    Reconciler hasty =
        ledger
            .reconciler()
            .withoutBuiltInChecks()
            .settle(Duration.ZERO)
            .check(byId(Effects.select(Ledger.BY_ID)).to(now.plusSeconds(1)).build())
            .build();
    Ledger.done(hasty.run());
    assertThat(ledger.open("payments"))
        .containsExactly("EFFECT_WITHOUT_HANDLING also-young", "HANDLED_WITHOUT_EFFECT young");
  }
}
