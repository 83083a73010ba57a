package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import io.inbox.error.UsageException;
import io.inbox.reconciler.Finding.State;
import io.inbox.reconciler.ReconcileReport.CheckReport;
import io.inbox.reconciler.ReconcileReport.Ended;
import io.inbox.reconciler.spi.Check;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a reconciler makes of its checks: runs that stop and go on, findings that come and go. */
@Timeout(300)
abstract class ReconcilerContract {
  private static final int LOST = 40;

  private Ledger ledger;
  private Instant hourAgo;

  abstract Ledger open() throws SQLException;

  @BeforeEach
  void prepare() throws SQLException {
    ledger = open();
    hourAgo = ledger.now().minus(Duration.ofHours(1));
  }

  @AfterEach
  void close() {
    assertThat(ledger.pool().getHikariPoolMXBean().getActiveConnections()).isZero();
    ledger.close();
  }

  private ReconcileReport run(Check check, UnaryOperator<Reconciler.Builder> options) {
    return Ledger.done(
        options.apply(ledger.reconciler().withoutBuiltInChecks().check(check)).build().run());
  }

  @Test
  void runsOnlyTheChecksThatAreNamedAndDoesNotCountThatAsASuccess() throws SQLException {
    ledger.handled("lost", hourAgo);
    Reconciler.Builder builder =
        ledger
            .reconciler()
            .check(pairs().build())
            .jobOptions(JobOptions.builder().every(Duration.ofDays(1)).build());
    Jobs jobs = Jobs.open(ledger.store(), ledger.pool());

    ReconcileReport some =
        Ledger.done(builder.only(List.of("payments", "inbox.schema")).build().run());
    assertThat(some.checks())
        .extracting(CheckReport::check)
        .containsExactly("inbox.schema", "payments");
    JobStatus after = jobs.status("reconcile").orElseThrow();
    assertThat(after.outcome()).contains(JobStatus.Outcome.INCOMPLETE);
    assertThat(after.succeededAt()).isEmpty();

    Ledger.done(builder.only(List.of()).build().run());
    assertThat(jobs.status("reconcile").orElseThrow().succeededAt()).isPresent();
  }

  @Test
  void refusesToRunOnlyACheckThatDoesNotExist() {
    assertThatThrownBy(
            () ->
                ledger
                    .reconciler()
                    .withoutBuiltInChecks()
                    .check(pairs().build())
                    .only(List.of("payment"))
                    .build())
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("IBX-610: there is no check named payment (there are: payments)");
  }

  @Test
  void runsOnScheduleAndKeepsWhatItFinds() throws Exception {
    ledger.handled("lost", hourAgo);
    Reconciler reconciler =
        ledger.reconciler().withoutBuiltInChecks().check(pairs().build()).job("nightly").build();
    Jobs jobs = Jobs.open(ledger.store(), ledger.pool());
    jobs.expect("nightly", Duration.ofDays(1));
    ledger.execute(
        "UPDATE "
            + ledger.store().tables().quoted("job")
            + " SET \"registered_at\" = \"registered_at\" - INTERVAL '2' DAY");

    try (ScheduledJob scheduled = reconciler.schedule(Schedule.every(Duration.ofDays(1)))) {
      Fixture.await(
          "it has run", () -> jobs.status("nightly").orElseThrow().succeededAt().isPresent());
      assertThat(scheduled).isNotNull();
    }

    assertThat(ledger.open("payments")).containsExactly("HANDLED_WITHOUT_EFFECT lost");
    assertThat(jobs.status("nightly").orElseThrow().epoch()).isEqualTo(1);
  }

  private CheckReport run(Check check) {
    return run(check, it -> it).checks().get(0);
  }

  private static PairCheck.Builder pairs() {
    return PairCheck.byMessageId("payments", Ledger.CONSUMER, Effects.select(Ledger.BY_ID));
  }

  private void lose() throws SQLException {
    for (int i = 0; i < LOST; i++) {
      ledger.handled("lost-" + i, hourAgo);
    }
  }

  @Test
  void goesOnWhereTheRowsWereUsedUp() throws SQLException {
    ledger.clean(10_000, hourAgo);
    lose();
    int runs = 1;
    long rows = 0;
    while (true) {
      CheckReport report = run(pairs().build(), it -> it.maxRows(3_000)).checks().get(0);
      rows += report.figures().get("inbox_rows");
      assertThat(report.figures().get("inbox_rows")).isLessThan(4_000);
      if (report.ended() == Ended.COMPLETE) {
        break;
      }
      assertThat(report.why()).isEqualTo("enough rows were compared");
      assertThat(++runs).isLessThan(10);
    }
    assertThat(runs).isGreaterThan(2);
    assertThat(rows).isEqualTo(10_000 + LOST);
    assertThat(ledger.open("payments")).hasSize(LOST);
    assertThat(run(pairs().build()).figures()).containsEntry("inbox_rows", 10_000L + LOST);
  }

  @Test
  void looksAtEachShareInItsTurn() throws SQLException {
    ledger.clean(2_000, hourAgo);
    lose();
    long rows = 0;
    for (int i = 0; i < 4; i++) {
      assertThat(ledger.open("payments")).hasSizeLessThan(LOST);
      CheckReport report = run(pairs().sample(4).build());
      assertThat(report.ended()).isEqualTo(Ended.COMPLETE);
      rows += report.figures().get("inbox_rows");
    }
    assertThat(rows).isEqualTo(2_000 + LOST);
    assertThat(ledger.open("payments")).hasSize(LOST);
  }

  @Test
  void looksAtTheSameShareAgain() throws SQLException {
    ledger.clean(2_000, hourAgo);
    lose();
    CheckReport first = run(pairs().sameSample(4).build());
    CheckReport second = run(pairs().sameSample(4).build());
    assertThat(second.fresh()).isZero();
    assertThat(second.stillOpen()).isEqualTo(first.fresh()).isPositive();
    assertThat(second.figures().get("inbox_rows")).isEqualTo(first.figures().get("inbox_rows"));
  }

  @Test
  void stopsWhenItIsTold() throws SQLException {
    ledger.clean(1_000, hourAgo);
    lose();
    AtomicBoolean stop = new AtomicBoolean();
    List<Reconciler.Progress> seen = new ArrayList<>();
    ReconcileReport report =
        run(
            pairs().build(),
            it ->
                it.stopWhen(stop::get)
                    .progress(
                        progress -> {
                          seen.add(progress);
                          stop.set(true);
                        }));
    assertThat(report.isComplete()).isFalse();
    assertThat(report.checks().get(0).ended()).isEqualTo(Ended.STOPPED);
    assertThat(seen).isNotEmpty().allSatisfy(it -> assertThat(it.share()).isBetween(0.0, 1.0));
    assertThat(Jobs.open(ledger.store(), ledger.pool()).status("reconcile").orElseThrow().outcome())
        .contains(JobStatus.Outcome.INCOMPLETE);
    assertThat(run(pairs().build()).ended()).isEqualTo(Ended.COMPLETE);
    assertThat(ledger.open("payments")).hasSize(LOST);
    assertThat(Jobs.open(ledger.store(), ledger.pool()).status("reconcile").orElseThrow().outcome())
        .contains(JobStatus.Outcome.SUCCEEDED);
  }

  @Test
  void stopsWhenItIsInterruptedAndStaysInterrupted() throws Exception {
    ledger.clean(1_000, hourAgo);
    lose();
    FutureTask<Boolean> task =
        new FutureTask<>(
            () -> {
              ReconcileReport report =
                  run(
                      pairs().lookAgainAfter(Duration.ofMinutes(10)).build(),
                      it -> it.progress(progress -> Thread.currentThread().interrupt()));
              assertThat(report.checks().get(0).why()).isEqualTo("the run was interrupted");
              return Thread.currentThread().isInterrupted();
            });
    new Thread(task).start();
    assertThat(task.get(120, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void stopsWhereThereAreTooManyFindings() throws SQLException {
    lose();
    CheckReport report = run(pairs().build(), it -> it.maxFindings(LOST - 1)).checks().get(0);
    assertThat(report.ended()).isEqualTo(Ended.STOPPED);
    assertThat(report.why()).contains("more than " + (LOST - 1));
    assertThat(run(pairs().build(), it -> it.maxFindings(LOST)).isComplete()).isTrue();
  }

  @Test
  void runsTheOthersWhereOneFails() throws SQLException {
    ledger.handled("lost", hourAgo);
    ReconcileReport report =
        Ledger.done(
            ledger
                .reconciler()
                .withoutBuiltInChecks()
                .check(
                    PairCheck.byMessageId("unknown", "payment", Effects.select(Ledger.BY_ID))
                        .build())
                .check(
                    PairCheck.byMessageId(
                            "wrong",
                            Ledger.CONSUMER,
                            Effects.select("SELECT nothing FROM payment WHERE :from < :to"))
                        .build())
                .check(
                    PairCheck.byMessageId(
                            "nameless",
                            Ledger.CONSUMER,
                            Effects.select("SELECT message_id FROM payment WHERE :from < :to"))
                        .build())
                .check(pairs().build())
                .build()
                .run());
    assertThat(report.isClean()).isFalse();
    assertThat(report.checks()).hasSize(4);
    assertThat(report.checks().get(0).failure())
        .hasValueSatisfying(
            it ->
                assertThat(it)
                    .startsWith("IBX-614: there is no consumer payment")
                    .contains("only payments"));
    assertThat(report.checks().get(1).failure())
        .hasValueSatisfying(
            it ->
                assertThat(it)
                    .startsWith("IBX-613: the database of the effects refuses the query")
                    .doesNotContain("\n"));
    assertThat(report.checks().get(2).failure())
        .hasValueSatisfying(
            it -> assertThat(it).startsWith("IBX-613: the effects have").contains("key"));
    assertThat(report.checks().get(3).fresh()).isEqualTo(1);
  }

  @Test
  void tellsWhoRunsTheJob() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Check slow =
        new Check() {
          @Override
          public String name() {
            return "slow";
          }

          @Override
          public void run(CheckRun run) throws InterruptedException {
            running.countDown();
            if (!end.await(120, TimeUnit.SECONDS)) {
              throw new AssertionError("nobody ends the check");
            }
          }
        };
    FutureTask<ReconcileReport> first = new FutureTask<>(() -> run(slow, it -> it));
    new Thread(first).start();
    assertThat(running.await(120, TimeUnit.SECONDS)).isTrue();
    JobResult<ReconcileReport> second =
        ledger.reconciler().withoutBuiltInChecks().check(slow).build().run();
    assertThat(second).isInstanceOf(JobResult.HeldByAnother.class);
    // Another job has another lease.
    assertThat(
            ledger
                .reconciler()
                .withoutBuiltInChecks()
                .job("reconcile-pairs")
                .check(pairs().build())
                .build()
                .run())
        .isInstanceOf(JobResult.Done.class);
    end.countDown();
    assertThat(first.get(120, TimeUnit.SECONDS).isComplete()).isTrue();
  }

  @Test
  void opensAResolvedFindingAgainAndLeavesAnAcceptedOneAlone() throws SQLException {
    ledger.handled("one", hourAgo);
    ledger.handled("two", hourAgo);
    run(pairs().build());
    Findings findings = ledger.findings();
    List<Finding> found =
        findings.list(FindingQuery.first(10).ofCheck("payments")).stream()
            .sorted(Comparator.comparing(Finding::item))
            .toList();
    findings.resolve(found.get(0).id(), "booked by hand");
    findings.accept(found.get(1).id(), "a test message");
    CheckReport report = run(pairs().build());
    assertThat(report.fresh()).isEqualTo(1);
    assertThat(report.accepted()).isEqualTo(1);
    assertThat(report.open()).isEqualTo(1);
    Finding again = findings.show(found.get(0).id()).orElseThrow();
    assertThat(again.state()).isEqualTo(State.OPEN);
    assertThat(again.reopened()).isEqualTo(1);
    assertThat(again.seen()).isEqualTo(2);
    assertThat(again.firstSeenAt()).isEqualTo(found.get(0).firstSeenAt());
    Finding accepted = findings.show(found.get(1).id()).orElseThrow();
    assertThat(accepted.state()).isEqualTo(State.ACCEPTED);
    assertThat(accepted.resolution()).contains("a test message");
    assertThat(accepted.seen()).isEqualTo(2);
    assertThat(findings.list(FindingQuery.first(10).in(State.ACCEPTED))).hasSize(1);
    assertThat(findings.list(FindingQuery.first(10).about("one"))).hasSize(1);
    assertThat(findings.list(FindingQuery.first(10).ofConsumer("payments"))).hasSize(1);
    assertThat(findings.list(FindingQuery.first(10).ofKind("EFFECT_TWICE"))).isEmpty();
  }

  @Test
  void keepsAcceptedFindingsForEver() throws SQLException {
    ledger.handled("one", hourAgo);
    ledger.handled("two", hourAgo);
    run(pairs().build());
    Findings findings = ledger.findings();
    List<Finding> found = findings.list(FindingQuery.first(10));
    findings.resolve(found.get(0).id(), "booked by hand");
    findings.accept(found.get(1).id(), "a test message");
    ledger.update(
        "UPDATE " + ledger.store().tables().quoted("finding") + " SET \"resolved_at\" = ?",
        hourAgo.minus(Duration.ofDays(400)));
    Collector.builder(ledger.store(), ledger.pool()).build().run();
    assertThat(findings.show(found.get(0).id())).isEmpty();
    assertThat(findings.show(found.get(1).id())).isPresent();
  }

  @Test
  void refusesToEndAFindingWithoutAReasonOrTwice() throws SQLException {
    ledger.handled("one", hourAgo);
    run(pairs().build());
    Findings findings = ledger.findings();
    long id = findings.list(FindingQuery.first(1)).get(0).id();
    assertThatThrownBy(() -> findings.resolve(id, " "))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("IBX-703");
    findings.resolve(id, "x");
    assertThatThrownBy(() -> findings.accept(id, "x"))
        .isInstanceOf(UsageException.class)
        .hasMessageStartingWith("IBX-615");
    assertThatThrownBy(() -> FindingQuery.first(0)).hasMessageStartingWith("IBX-702");
  }

  @Test
  void keepsWhatACheckOfOnesOwnFinds() {
    AtomicBoolean wrong = new AtomicBoolean(true);
    Check own =
        new Check() {
          @Override
          public String name() {
            return "overdrawn";
          }

          @Override
          public void run(CheckRun run) throws SQLException {
            long checkpoint = run.checkpoint().map(Long::parseLong).orElse(0L);
            if (wrong.get()) {
              run.found(Sighting.error("OVERDRAWN", "acc-1").detail("now " + checkpoint).build());
              run.found(Sighting.warning("OVERDRAWN", "acc-2").tenant("").build());
              run.found(Sighting.warning("OVERDRAWN", "acc-2").tenant("acme").build());
            }
            run.checkpoint(String.valueOf(checkpoint + 1));
            run.unseenAreGone("paid");
            run.stopped("so that the checkpoint is kept");
          }
        };
    assertThat(run(own).fresh()).isEqualTo(3);
    CheckReport second = run(own);
    assertThat(second.stillOpen()).isEqualTo(3);
    assertThat(second.groups()).hasSize(2);
    assertThat(ledger.findings().list(FindingQuery.first(1)).get(0).detail()).contains("now 1");
    wrong.set(false);
    assertThat(run(own).resolved()).isEqualTo(3);
    assertThat(run(own).resolved()).isZero();
  }

  @Test
  void refusesBadOptions() {
    assertThatThrownBy(() -> ledger.reconciler().withoutBuiltInChecks().build())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("IBX-610: there is no check");
    PairCheck check = pairs().build();
    assertThatThrownBy(() -> ledger.reconciler().check(check).check(check).build())
        .hasMessageContaining("two checks are named payments");
    assertThatThrownBy(() -> ledger.reconciler().maxRows(0).build())
        .hasMessageContaining("maxRows");
    assertThatThrownBy(() -> ledger.reconciler().settle(Duration.ofSeconds(-1)).build())
        .hasMessageContaining("settle");
    assertThatThrownBy(
            () ->
                PairCheck.byMessageId("inbox.mine", "payments", Effects.select(Ledger.BY_ID))
                    .build())
        .hasMessageContaining("belong to the built-in checks");
    assertThatThrownBy(() -> pairs().sample(0).build()).hasMessageContaining("sample");
    assertThatThrownBy(() -> pairs().from(hourAgo).reach(Duration.ofDays(1)).build())
        .hasMessageContaining("both from and reach");
    assertThatThrownBy(() -> BuiltInChecks.builder().without("nothing").build())
        .hasMessageContaining("no built-in check inbox.nothing");
  }
}
