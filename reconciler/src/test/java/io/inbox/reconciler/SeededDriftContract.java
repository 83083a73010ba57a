package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.ReconcileReport.Ended;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Seeds so many drifts of each sort among clean pairs, and finds exactly them while a load of
 * handling runs: short transactions, and long ones whose keys are older than the settle delay when
 * they commit.
 *
 * <p>{@code -Dreconciler.pairs=1000000} sets how many pairs are clean.
 */
@Tag("long")
@Timeout(3_600)
abstract class SeededDriftContract {
  private static final int PAIRS = Integer.getInteger("reconciler.pairs", 20_000);
  private static final int DRIFTS = 100;

  private static final String WITH_SUBJECT =
      "SELECT message_id AS \"key\", account AS subject FROM payment WHERE booked_at >= :from AND"
          + " booked_at < :to";

  private static final String BY_ACCOUNT =
      "SELECT account AS \"key\" FROM payment WHERE account IS NOT NULL AND booked_at >= :from AND"
          + " booked_at < :to";

  private static final String BALANCES =
      "SELECT account AS \"key\", note AS correlation_id FROM balance WHERE changed_at >= :from AND changed_at < :to";

  private Ledger ledger;
  private Instant hourAgo;
  private List<String> expected;

  abstract Ledger open() throws SQLException;

  @BeforeEach
  void seed() throws SQLException {
    ledger = open();
    hourAgo = ledger.now().minus(Duration.ofHours(1));
    ledger.clean(PAIRS, hourAgo);
    expected = new ArrayList<>();
    for (int i = 0; i < DRIFTS; i++) {
      Instant at = hourAgo.minusMillis(i * 7L);
      ledger.handled("", "", "lost-" + i, "account-lost-" + i, at);
      expected.add("HANDLED_WITHOUT_EFFECT lost-" + i);
      ledger.booked("unexplained-" + i, "account-unexplained-" + i, at);
      expected.add("EFFECT_WITHOUT_HANDLING unexplained-" + i);
      ledger.handled("", "", "twice-" + i, "account-twice-" + i, at);
      ledger.booked("twice-" + i, "account-twice-" + i, at);
      ledger.booked("twice-" + i, "account-twice-" + i, at.plusSeconds(20));
      expected.add("EFFECT_TWICE twice-" + i);
      ledger.handled("", "", "given-up-" + i, "account-given-up-" + i, at);
      ledger.booked("given-up-" + i, "account-given-up-" + i, at);
      expected.add("EFFECT_WITHOUT_HANDLING given-up-" + i);
    }
    ledger.update(
        "UPDATE "
            + ledger.store().tables().quoted("message")
            + " SET \"state\" = 1 WHERE \"message_id\" LIKE 'given-up-%'");
    expected.sort(null);
  }

  @AfterEach
  void close() {
    ledger.close();
  }

  @Test
  void findsExactlyWhatIsWrongWhileMessagesAreHandled() throws Exception {
    for (int i = 0; i < DRIFTS; i++) {
      Instant at = hourAgo.minusMillis(i * 7L);
      ledger.handled("", "", "value-" + i, "account-value-" + i, at);
      ledger.booked("value-" + i, "account-wrong-" + i, at);
      expected.add("VALUE_DRIFT value-" + i);
    }
    expected.sort(null);
    PairCheck check =
        PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(WITH_SUBJECT)).build();
    underLoad(check, expected);
  }

  @Test
  void findsExactlyTheSubjectsThatDiffer() throws Exception {
    List<String> subjects =
        IntStream.range(0, DRIFTS)
            .boxed()
            .flatMap(
                i ->
                    List.of(
                        "HANDLED_WITHOUT_EFFECT account-lost-" + i,
                        "EFFECT_WITHOUT_HANDLING account-given-up-" + i,
                        "EFFECT_WITHOUT_HANDLING account-unexplained-" + i)
                        .stream())
            .sorted()
            .toList();
    PairCheck check =
        PairCheck.bySubject("payments", Ledger.CONSUMER, Effects.select(BY_ACCOUNT)).build();
    underLoad(check, subjects);
  }

  @Test
  void findsExactlyTheSubjectsWhoseValueIsOld() throws Exception {
    // Only these accounts have a balance, so only their messages are compared.
    ledger.update(
        "UPDATE " + ledger.store().tables().quoted("message") + " SET \"subject\" = NULL");
    List<String> stale = new ArrayList<>();
    for (int i = 0; i < 2 * DRIFTS; i++) {
      String account = "account-" + i;
      for (int change = 0; change < 3; change++) {
        ledger.update(
            "INSERT INTO "
                + ledger.store().tables().quoted("message")
                + " (\"tenant\", \"consumer\", \"source\", \"message_id\", \"subject\", \"correlation_id\", \"handled_at\") VALUES ('', 'payments', '', ?, ?, ?, ?)",
            "change-" + i + "-" + change,
            account,
            "c-" + change,
            hourAgo.plusSeconds(change));
      }
      boolean isStale = i % 2 == 0;
      ledger.update(
          "INSERT INTO balance (account, note, changed_at) VALUES (?, ?, ?)",
          account,
          isStale ? "c-1" : "c-2",
          hourAgo.plusSeconds(2));
      if (isStale) {
        stale.add("VALUE_DRIFT " + account);
      }
    }
    stale.sort(null);
    PairCheck check =
        PairCheck.bySubject("payments", Ledger.CONSUMER, Effects.select(BALANCES))
            .ignoreMissingEffects()
            .build();
    underLoad(check, stale);
  }

  /** Runs the check again and again while messages are handled, without any settle delay. */
  private void underLoad(PairCheck check, List<String> wanted) throws Exception {
    Reconciler reconciler =
        ledger.reconciler().withoutBuiltInChecks().check(check).settle(Duration.ZERO).build();
    try (Inbox inbox = ledger.inbox();
        HandlingLoad load = HandlingLoad.start(ledger, inbox)) {
      load.awaitHandled(200);
      for (int i = 0; i < 4; i++) {
        long before = load.handled();
        CheckReport report = Ledger.done(reconciler.run()).checks().get(0);
        assertThat(report.failure()).isEmpty();
        assertThat(report.ended()).isEqualTo(Ended.COMPLETE);
        assertThat(ledger.open("payments")).isEqualTo(wanted);
        assertThat(report.fresh()).isEqualTo(i == 0 ? wanted.size() : 0);
        assertThat(report.stillOpen()).isEqualTo(i == 0 ? 0 : wanted.size());
        assertThat(report.figures().get("suspects_undecided")).isZero();
        load.awaitHandled(before + 200);
      }
    }
    CheckReport quiet = Ledger.done(reconciler.run()).checks().get(0);
    assertThat(ledger.open("payments")).isEqualTo(wanted);
    assertThat(quiet.stillOpen()).isEqualTo(wanted.size());
  }

  static Message message(String id, String account) {
    return Message.builder(id).subject(account).build();
  }
}
