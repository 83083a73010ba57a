package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.ReconcileReport.Ended;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a pair check promises, on every database. */
@Timeout(300)
abstract class PairCheckContract {
  private Ledger ledger;
  private Instant hourAgo;

  abstract Ledger open() throws SQLException;

  @BeforeEach
  void prepare() throws SQLException {
    ledger = open();
    hourAgo = ledger.now().minus(Duration.ofHours(1));
  }

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(ledger.pool().getHikariPoolMXBean().getActiveConnections())
        .as("connections not given back")
        .isZero();
    ledger.close();
  }

  private static PairCheck byId() {
    return PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(Ledger.BY_ID)).build();
  }

  private CheckReport run(PairCheck check) {
    ReconcileReport report =
        Ledger.done(ledger.reconciler().withoutBuiltInChecks().check(check).build().run());
    assertThat(report.checks()).hasSize(1);
    CheckReport one = report.checks().get(0);
    assertThat(one.failure()).isEmpty();
    return one;
  }

  @Test
  void findsNothingWhereBothSidesAgree() throws SQLException {
    ledger.clean(1_000, hourAgo);
    CheckReport report = run(byId());
    assertThat(report.ended()).isEqualTo(Ended.COMPLETE);
    assertThat(report.open()).isZero();
    assertThat(report.figures())
        .containsEntry("inbox_rows", 1_000L)
        .containsEntry("effect_rows", 1_000L)
        .containsEntry("buckets_differing", 0L)
        .containsEntry("rows_merged", 0L);
  }

  @Test
  void findsEachSortOfDrift() throws SQLException {
    ledger.clean(1_000, hourAgo);
    ledger.handled("lost", hourAgo);
    ledger.booked("unexplained", hourAgo);
    ledger.handled("twice", hourAgo);
    ledger.booked("twice", hourAgo);
    ledger.booked("twice", hourAgo);
    CheckReport report = run(byId());
    assertThat(ledger.open("payments"))
        .containsExactly(
            "EFFECT_TWICE twice",
            "EFFECT_WITHOUT_HANDLING unexplained",
            "HANDLED_WITHOUT_EFFECT lost");
    assertThat(report.fresh()).isEqualTo(3);
    assertThat(report.open()).isEqualTo(3);
    assertThat(report.figures()).containsEntry("buckets_differing", 3L);
  }

  @Test
  void saysWhatIsNewAndWhatIsStillThere() throws SQLException {
    ledger.handled("lost", hourAgo);
    assertThat(run(byId()).fresh()).isEqualTo(1);
    ledger.handled("lost-too", hourAgo);
    CheckReport second = run(byId());
    assertThat(second.fresh()).isEqualTo(1);
    assertThat(second.stillOpen()).isEqualTo(1);
    assertThat(second.groups()).hasSize(1);
    assertThat(second.groups().get(0).earliest()).isEqualTo(second.groups().get(0).latest());
  }

  @Test
  void resolvesWhatWasMendedEvenBeyondItsBounds() throws SQLException {
    ledger.handled("lost", hourAgo);
    run(byId());
    ledger.booked("lost", ledger.now());
    PairCheck later =
        PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(Ledger.BY_ID))
            .reach(Duration.ofMinutes(10))
            .build();
    CheckReport report = run(later);
    assertThat(report.resolved()).isEqualTo(1);
    assertThat(report.open()).isZero();
  }

  @Test
  void leavesOpenWhatItDidNotLookAt() throws SQLException {
    ledger.handled("lost", hourAgo);
    run(byId());
    PairCheck later =
        PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(Ledger.BY_ID))
            .reach(Duration.ofMinutes(10))
            .build();
    CheckReport report = run(later);
    assertThat(report.stillOpen()).isEqualTo(1);
    assertThat(report.open()).isEqualTo(1);
  }

  @Test
  void takesNoDifferenceOfTimesForDrift() throws SQLException {
    Instant edge = ledger.now().minus(Duration.ofMinutes(1));
    for (int i = 0; i < 50; i++) {
      ledger.handled("late-" + i, edge.minus(Duration.ofSeconds(i)));
      ledger.booked("late-" + i, edge.minus(Duration.ofSeconds(i)).plus(Duration.ofMinutes(20)));
    }
    CheckReport report = run(byId());
    assertThat(report.figures().get("suspects")).isPositive();
    assertThat(ledger.open("payments")).isEmpty();
  }

  @Test
  void comparesSubjectsWithTheirLatestHandling() throws SQLException {
    ledger.handled("", "", "m-1", "acc-1", hourAgo);
    ledger.handled("", "", "m-2", "acc-1", hourAgo.plusSeconds(1));
    ledger.handled("", "", "m-3", "acc-2", hourAgo);
    ledger.handled("", "", "m-4", "acc-3", hourAgo);
    ledger.booked("m", "acc-1", hourAgo);
    ledger.booked("m", "acc-2", hourAgo);
    ledger.booked("m", "acc-9", hourAgo);
    run(
        PairCheck.bySubject(
                "accounts",
                Ledger.CONSUMER,
                Effects.select(
                    "SELECT account AS \"key\" FROM payment WHERE booked_at BETWEEN :from AND :to"))
            .build());
    assertThat(ledger.open("accounts"))
        .containsExactly("EFFECT_WITHOUT_HANDLING acc-9", "HANDLED_WITHOUT_EFFECT acc-3");
  }

  @Test
  void comparesValues() throws SQLException {
    ledger.handled("", "", "right", "acc-1", hourAgo);
    ledger.booked("right", "acc-1", hourAgo);
    ledger.handled("", "", "wrong", "acc-1", hourAgo);
    ledger.booked("wrong", "acc-2", hourAgo);
    ledger.handled("", "", "none", null, hourAgo);
    ledger.booked("none", hourAgo);
    run(
        PairCheck.byMessageId(
                "payments",
                Ledger.CONSUMER,
                Effects.select(
                    "SELECT message_id AS \"key\", account AS subject FROM payment WHERE booked_at"
                        + " >= :from AND booked_at < :to"))
            .build());
    assertThat(ledger.open("payments")).containsExactly("VALUE_DRIFT wrong");
    assertThat(ledger.findings().list(FindingQuery.first(10)).get(0).detail())
        .hasValueSatisfying(detail -> assertThat(detail).contains("acc-1").contains("acc-2"));
  }

  @Test
  void ordersKeysByBytes() throws SQLException {
    String[] keys = {
      "a", "B", "é", "z", "\uE000", "\uFFFD", "\uD83D\uDE00", "ab", "a-b", "A", "日本"
    };
    for (String key : keys) {
      ledger.handled(key, hourAgo);
      ledger.booked(key, hourAgo);
      ledger.handled(key + "-lost", hourAgo);
    }
    run(byId());
    assertThat(ledger.open("payments"))
        .hasSameSizeAs(keys)
        .allSatisfy(it -> assertThat(it).startsWith("HANDLED_WITHOUT_EFFECT").endsWith("-lost"));
  }
}
