package io.inbox.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.error.ConfigurationException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.SchemaException;
import io.inbox.reconciler.JobResult.Done;
import io.inbox.reconciler.JobResult.HeldByAnother;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may run a job, what the next run finds, and what is known about it. */
class JobsTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(Fixture.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aSecondRunIsToldWhoRunsTheJobAndSinceWhen(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Jobs jobs = database.jobs();
      CountDownLatch running = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      JobOptions first = JobOptions.builder().owner("first").build();
      Future<JobResult<String>> one =
          threads.submit(
              () ->
                  jobs.run(
                      "gc",
                      first,
                      run -> {
                        running.countDown();
                        go.await();
                        return "done";
                      }));
      running.await();

      JobResult<String> two = database.jobs().run("gc", run -> "must not run");

      assertThat(two).isInstanceOf(HeldByAnother.class);
      HeldByAnother<String> held = (HeldByAnother<String>) two;
      JobStatus status = jobs.status("gc").orElseThrow();
      assertThat(held.owner()).isEqualTo("first");
      assertThat(held.since()).isEqualTo(status.startedAt().orElseThrow());
      assertThat(held.leaseUntil()).isAfter(held.since());
      assertThat(held.message()).contains("gc", "first", held.since().toString());
      assertThat(status.owner()).contains("first");
      assertThat(database.jobs().run("other", run -> "runs beside it")).isInstanceOf(Done.class);

      go.countDown();
      assertThat(one.get()).isEqualTo(new Done<>("done"));
      assertThat(jobs.status("gc").orElseThrow().owner()).isEmpty();
      assertThat(database.jobs().run("gc", run -> "again")).isEqualTo(new Done<>("again"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofManyThatWantAJobAtOnceOneHasItAtATime(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      AtomicInteger done = new AtomicInteger();
      List<Future<?>> nodes = new ArrayList<>();
      for (int node = 0; node < 4; node++) {
        Jobs jobs = database.jobs();
        nodes.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < 25; round++) {
                    JobResult<Integer> result =
                        jobs.run(
                            "gc",
                            run -> {
                              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                              return inside.decrementAndGet();
                            });
                    if (result instanceof Done) {
                      done.incrementAndGet();
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> node : nodes) {
        node.get();
      }
      assertThat(most).hasValue(1);
      assertThat(done).hasPositiveValue();
      assertThat(database.jobs().status("gc").orElseThrow().epoch()).isEqualTo(done.get());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aZombieChangesNothing(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      PausableDataSource pausable = new PausableDataSource(database.dataSource);
      Jobs zombies = Jobs.open(database.store, pausable);
      JobOptions shortLease =
          JobOptions.builder().owner("zombie").lease(Duration.ofSeconds(1)).build();
      CountDownLatch written = new CountDownLatch(1);
      CountDownLatch wakeUp = new CountDownLatch(1);
      database.execute("CREATE TABLE effect (id INTEGER)");
      Future<?> zombie =
          threads.submit(
              () ->
                  zombies.run(
                      "gc",
                      shortLease,
                      run -> {
                        run.checkpoint("before the pause");
                        try (var connection = database.connect();
                            var statement = connection.createStatement()) {
                          connection.setAutoCommit(false);
                          statement.executeUpdate("INSERT INTO effect VALUES (1)");
                          pausable.pause();
                          written.countDown();
                          wakeUp.await();
                          pausable.resume();
                          Fixture.await("the zombie knows", run::isLost);
                          assertThatThrownBy(() -> run.fence(connection))
                              .isInstanceOf(RetryLaterException.class)
                              .hasMessageStartingWith("IBX-710")
                              .hasMessageContaining("zombie");
                          connection.rollback();
                          assertThatThrownBy(() -> run.checkpoint(connection, "after the pause"))
                              .hasMessageStartingWith("IBX-710");
                          connection.rollback();
                        }
                        assertThatThrownBy(() -> run.checkpoint("after the pause"))
                            .hasMessageStartingWith("IBX-710");
                        run.incomplete("a zombie's word");
                        return "the zombie's";
                      }));
      written.await();
      Jobs heirs = database.jobs();
      List<Object> heir = new ArrayList<>();
      Fixture.await(
          "the lease of the zombie is over",
          () -> {
            JobResult<String> result =
                heirs.run("gc", run -> run.epoch() + run.checkpoint().orElse("none"));
            heir.add(result instanceof Done<String> done ? done.value() : "held");
            return result instanceof Done;
          });
      assertThat(heir).endsWith("2before the pause");
      JobStatus before = heirs.status("gc").orElseThrow();

      wakeUp.countDown();

      assertThatThrownBy(zombie::get).cause().hasMessageStartingWith("IBX-710");
      assertThat(database.number("SELECT COUNT(*) FROM effect")).isZero();
      JobStatus after = heirs.status("gc").orElseThrow();
      assertThat(after.epoch()).isEqualTo(2);
      assertThat(after.outcome()).contains(JobStatus.Outcome.SUCCEEDED);
      assertThat(after.checkpoint()).isEmpty();
      assertThat(after.detail()).isEmpty();
      assertThat(after.finishedAt()).isEqualTo(before.finishedAt());
    }
  }

  /** Else the fence would be true when it is asked, and no longer when the transaction commits. */
  @ParameterizedTest
  @EnumSource
  void nobodyTakesAJobOverWhileATransactionIsFenced(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      PausableDataSource pausable = new PausableDataSource(database.dataSource);
      JobOptions shortLease =
          JobOptions.builder().owner("slow").lease(Duration.ofSeconds(1)).build();
      CountDownLatch fenced = new CountDownLatch(1);
      CountDownLatch go = new CountDownLatch(1);
      Future<JobResult<String>> slow =
          threads.submit(
              () ->
                  Jobs.open(database.store, pausable)
                      .run(
                          "gc",
                          shortLease,
                          run -> {
                            try (var connection = database.connect()) {
                              connection.setAutoCommit(false);
                              pausable.pause();
                              run.fence(connection);
                              fenced.countDown();
                              go.await();
                              connection.commit();
                              pausable.resume();
                              return "committed";
                            }
                          }));
      fenced.await();
      Jobs others = database.jobs();
      Fixture.await(
          "the lease as others see it is over",
          () -> others.status("gc").orElseThrow().owner().isEmpty());

      JobResult<String> other = others.run("gc", run -> "must not run");

      assertThat(other)
          .isInstanceOfSatisfying(
              HeldByAnother.class, held -> assertThat(held.owner()).isEqualTo("slow"));
      go.countDown();
      assertThat(slow.get()).isEqualTo(new Done<>("committed"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPoolOfTwoKeepsAJobWhileItsWorkHoldsOneConnection(Platform platform) throws Exception {
    try (Fixture database = platform.fresh();
        var two = Platform.pool(database.url, 2)) {
      JobOptions shortLease = JobOptions.builder().lease(Duration.ofSeconds(1)).build();

      JobResult<Boolean> result =
          Jobs.open(database.store, two)
              .run(
                  "gc",
                  shortLease,
                  run -> {
                    try (var connection = two.getConnection()) {
                      Fixture.await(
                          "the lease was renewed three times",
                          () ->
                              database
                                  .column(
                                      "SELECT 1 FROM \"inbox\".\"job\" WHERE \"lease_until\" >"
                                          + " \"started_at\" + INTERVAL '4' SECOND")
                                  .equals(List.of("1")));
                      assertThat(connection.isValid(5)).isTrue();
                    }
                    return run.isLost();
                  });

      assertThat(result).isEqualTo(new Done<>(false));
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWasCutShortIsGoneOnWithAndSuccessForgetsIt(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Jobs jobs = database.jobs();
      assertThatThrownBy(
              () ->
                  jobs.run(
                      "gc",
                      run -> {
                        assertThat(run.checkpoint()).isEmpty();
                        run.checkpoint("one third");
                        throw new IOException("the disk\nis full");
                      }))
          .isInstanceOf(IOException.class);
      JobStatus failed = jobs.status("gc").orElseThrow();
      assertThat(failed.outcome()).contains(JobStatus.Outcome.FAILED);
      assertThat(failed.detail()).contains("java.io.IOException: the disk is full");
      assertThat(failed.checkpoint()).contains("one third");
      assertThat(failed.succeededAt()).isEmpty();
      assertThat(failed.owner()).isEmpty();

      jobs.run(
          "gc",
          run -> {
            assertThat(run.checkpoint()).contains("one third");
            run.checkpoint("two thirds");
            run.note("7 rows");
            run.incomplete("out of time");
            return run;
          });
      JobStatus incomplete = jobs.status("gc").orElseThrow();
      assertThat(incomplete.outcome()).contains(JobStatus.Outcome.INCOMPLETE);
      assertThat(incomplete.detail()).contains("out of time; 7 rows");
      assertThat(incomplete.succeededAt()).isEmpty();

      jobs.run("gc", run -> assertThat(run.checkpoint()).contains("two thirds"));
      JobStatus succeeded = jobs.status("gc").orElseThrow();
      assertThat(succeeded.outcome()).contains(JobStatus.Outcome.SUCCEEDED);
      assertThat(succeeded.checkpoint()).isEmpty();
      assertThat(succeeded.succeededAt()).isEqualTo(succeeded.finishedAt());
      assertThat(succeeded.startedAt().orElseThrow())
          .isBeforeOrEqualTo(succeeded.finishedAt().orElseThrow());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aProcessThatDiedIsSucceededWhenItsLeaseIsOver(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Jobs jobs = database.jobs();
      jobs.run("gc", run -> "first");
      database.execute(
          "UPDATE \"inbox\".\"job\" SET \"owner\" = 'dead', \"epoch\" = 7, \"checkpoint\" = 'half',"
              + " \"lease_until\" = CURRENT_TIMESTAMP + INTERVAL '1' HOUR");
      assertThat(jobs.run("gc", run -> "must not run")).isInstanceOf(HeldByAnother.class);

      database.execute(
          "UPDATE \"inbox\".\"job\" SET \"lease_until\" = CURRENT_TIMESTAMP - INTERVAL '1' SECOND");

      assertThat(jobs.run("gc", run -> run.epoch() + run.checkpoint().orElseThrow()))
          .isEqualTo(new Done<>("8half"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aJobIsOverdueWhenItsLastSuccessIsLongerAgoThanExpected(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Jobs jobs = database.jobs();
      jobs.expect("never-ran", Duration.ofDays(1));
      jobs.expect("never-ran", Duration.ofHours(1));
      jobs.run("gc", JobOptions.builder().every(Duration.ofMinutes(10)).build(), run -> "done");
      jobs.run("unexpected", run -> "done");
      assertThat(jobs.list())
          .extracting(JobStatus::job)
          .containsExactly("gc", "never-ran", "unexpected");
      assertThat(jobs.list()).extracting(JobStatus::overdue).containsOnly(Optional.empty());

      database.execute(
          "UPDATE \"inbox\".\"job\" SET \"registered_at\" = CURRENT_TIMESTAMP - INTERVAL '3' HOUR",
          "UPDATE \"inbox\".\"job\" SET \"succeeded_at\" = CURRENT_TIMESTAMP - INTERVAL '1' HOUR"
              + " WHERE \"succeeded_at\" IS NOT NULL");

      JobStatus gc = jobs.status("gc").orElseThrow();
      assertThat(gc.every()).contains(Duration.ofMinutes(10));
      assertThat(gc.overdue().orElseThrow())
          .isBetween(Duration.ofMinutes(50), Duration.ofMinutes(55));
      assertThat(jobs.status("never-ran").orElseThrow().overdue().orElseThrow())
          .isBetween(Duration.ofHours(2), Duration.ofMinutes(125));
      assertThat(jobs.status("unexpected").orElseThrow().overdue()).isEmpty();
      assertThat(jobs.status("unknown")).isEmpty();
      assertThat(gc.readAt()).isBefore(Instant.now().plusSeconds(3600));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSchemaThatIsTooOldIsRefusedWithTheRemedy(Platform platform) throws SQLException {
    try (Fixture database = platform.fresh()) {
      database.execute("DELETE FROM \"inbox\".\"schema_version\" WHERE \"version\" >= 3");
      assertThatThrownBy(database::jobs)
          .isInstanceOf(SchemaException.class)
          .hasMessageStartingWith("IBX-515")
          .hasMessageContaining("found Inbox schema version 2")
          .hasMessageContaining("need 3")
          .hasMessageContaining("migrate()");
      database.execute("DELETE FROM \"inbox\".\"schema_version\"");
      assertThatThrownBy(database::jobs).hasMessageStartingWith("IBX-514");
      database.execute(
          "INSERT INTO \"inbox\".\"schema_version\" (\"version\", \"compatible_from\") VALUES (9,"
              + " 9)");
      assertThatThrownBy(database::jobs).hasMessageStartingWith("IBX-516");
      database.execute("DROP TABLE \"inbox\".\"schema_version\"");
      assertThatThrownBy(database::jobs).hasMessageStartingWith("IBX-513");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "H2")
  void refusesWhatMakesNoSense(Platform platform) {
    try (Fixture database = platform.fresh()) {
      Jobs jobs = database.jobs();
      for (String name : new String[] {null, "", "two words", "x".repeat(101), "a\nb"}) {
        assertThatThrownBy(() -> jobs.run(name, run -> ""))
            .isInstanceOf(ConfigurationException.class)
            .hasMessageStartingWith("IBX-712");
      }
      assertThatThrownBy(() -> jobs.expect("gc", Duration.ZERO)).hasMessageStartingWith("IBX-711");
      assertThatThrownBy(() -> Jobs.open(null, database.dataSource))
          .hasMessageStartingWith("IBX-204");
      assertThatThrownBy(() -> Jobs.open(database.store, null)).hasMessageStartingWith("IBX-303");
    }
    assertThatThrownBy(() -> JobOptions.builder().lease(Duration.ofMillis(999)).build())
        .hasMessageStartingWith("IBX-711")
        .hasMessageContaining("lease is PT0.999S, it must be 1 s to 1 h");
    assertThatThrownBy(() -> JobOptions.builder().lease(Duration.ofSeconds(3601)).build())
        .hasMessageStartingWith("IBX-711");
    assertThatThrownBy(() -> JobOptions.builder().owner(" ").build())
        .hasMessageStartingWith("IBX-711");
    assertThatThrownBy(() -> JobOptions.builder().every(Duration.ofDays(36_501)).build())
        .hasMessageStartingWith("IBX-711");
    assertThat(JobOptions.ofDefaults().owner()).contains("/" + ProcessHandle.current().pid());
  }
}
