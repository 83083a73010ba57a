package io.inbox.reconciler;

import static io.inbox.reconciler.Rows.DAY;
import static io.inbox.reconciler.Rows.OLD;
import static io.inbox.reconciler.Rows.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.reconciler.spi.Check;
import io.inbox.reconciler.spi.CheckRun;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A collector that runs within a service. */
class ScheduledJobTest {
  private static final Schedule DAILY = Schedule.every(DAY);
  private static final int NODES = 8;
  private static final int ROUNDS = 20;

  @ParameterizedTest
  @EnumSource
  void runsWhenItIsDueByTheDatabasesClockAndNotBefore(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).message("old", OLD);
      try (ScheduledJob scheduled = collector(database).schedule(DAILY)) {
        assertThat(job(database).every()).contains(DAY.plus(DAY.dividedBy(10)));
        assertThat(job(database).startedAt()).as("first due a day after it was named").isEmpty();
        assertThat(scheduled).isNotNull();
      }
      assertThat(rows.messages()).containsExactly("old");

      // Named long ago, and many times missed.
      age(database, "registered_at", 40);
      try (ScheduledJob scheduled = collector(database).schedule(DAILY)) {
        Fixture.await("it has run", () -> job(database).succeededAt().isPresent());
        assertThat(scheduled).isNotNull();
      }
      assertThat(rows.messages()).isEmpty();
      assertThat(job(database).epoch()).as("runs for forty missed times").isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void ofManyNodesOneRunsWhatIsDue(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      new Rows(database).consumer("c", WINDOW);
      database.jobs().expect(Collector.JOB, DAY);
      age(database, "registered_at", 2);
      List<ScheduledJob> nodes = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        nodes.add(collector(database).schedule(DAILY));
      }
      Fixture.await("one has run", () -> job(database).succeededAt().isPresent());
      age(database, "started_at", 2);
      // Only a thread that sleeps until its next look does not see that; one of four new ones does.
      for (int i = 0; i < 4; i++) {
        nodes.add(collector(database).schedule(DAILY));
      }
      Fixture.await("one has run again", () -> job(database).epoch() == 2 && isOver(database));
      for (ScheduledJob node : nodes) {
        node.close();
      }
      assertThat(job(database).epoch()).isEqualTo(2);
    }
  }

  /**
   * A run of an empty database takes less time than lies between the look of one node, which sees
   * that the job is due, and its taking the job: it must not run it once more.
   */
  @ParameterizedTest
  @EnumSource
  void whatSeveralSeeToBeDueIsRunOnce(Platform platform) throws Exception {
    ExecutorService starters = Executors.newFixedThreadPool(NODES);
    try (Fixture database = platform.fresh()) {
      Collector collector = collector(database);
      database.jobs().expect(Collector.JOB, DAY);
      age(database, "registered_at", 2);
      for (int round = 1; round <= ROUNDS; round++) {
        CyclicBarrier all = new CyclicBarrier(NODES);
        List<Future<ScheduledJob>> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
          nodes.add(
              starters.submit(
                  () -> {
                    all.await();
                    return collector.schedule(DAILY);
                  }));
        }
        long epoch = round;
        Fixture.await("one has run", () -> job(database).epoch() >= epoch && isOver(database));
        for (Future<ScheduledJob> node : nodes) {
          node.get().close();
        }
        assertThat(job(database).epoch()).isEqualTo(round);
        age(database, "started_at", 2);
      }
    } finally {
      starters.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void runsAgainAndAgainAndSurvivesFailures(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      new Rows(database).consumer("c", WINDOW);
      AtomicInteger batches = new AtomicInteger();
      Collector failing =
          Collector.builder(database.store, database.dataSource)
              .progress(
                  progress -> {
                    if (batches.incrementAndGet() == 1) {
                      throw new IllegalStateException("the first time");
                    }
                  })
              .build();
      Rows rows = new Rows(database).message("old", OLD).message("young", DAY);
      database.jobs().expect(Collector.JOB, DAY);
      age(database, "registered_at", 1);
      try (ScheduledJob scheduled = failing.schedule(Schedule.every(Duration.ofSeconds(1)))) {
        Fixture.await("it has run several times", () -> job(database).epoch() >= 3);
        Fixture.await("it has succeeded", () -> job(database).succeededAt().isPresent());
        assertThat(scheduled).isNotNull();
      }
      assertThat(rows.messages()).containsExactly("young");
    }
  }

  @ParameterizedTest
  @EnumSource
  void closingEndsTheRunThatIsUnderWay(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(3_000);
      database.jobs().expect(Collector.JOB, DAY);
      age(database, "registered_at", 2);
      CountDownLatch running = new CountDownLatch(1);
      CountDownLatch closing = new CountDownLatch(1);
      ScheduledJob scheduled =
          Collector.builder(database.store, database.dataSource)
              .batchTarget(Duration.ofMillis(5))
              .progress(
                  progress -> {
                    running.countDown();
                    awaitUninterruptibly(closing);
                  })
              .build()
              .schedule(DAILY);
      assertThat(running.await(Fixture.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

      Thread closer = closer(scheduled, closing);
      closer.join();

      assertThat(job(database).outcome()).contains(JobStatus.Outcome.INCOMPLETE);
      assertThat(job(database).detail().orElseThrow()).contains("told to stop");
      assertThat(job(database).owner()).isEmpty();
      assertThat(rows.due()).isPositive();
      scheduled.close();
    }
  }

  /** H2 closes its file for everybody when a thread that reads or writes it is interrupted. */
  @Test
  void closingLeavesADatabaseInAFileOpenForOthers(@TempDir Path directory) throws Exception {
    try (Fixture database = Platform.inFile(directory.resolve("jobs"));
        Connection other = database.connect()) {
      database.execute(
          "SET CACHE_SIZE 0", // so that each statement reads the file
          "CREATE TABLE filler AS SELECT X, REPEAT('x', 1000) AS text FROM SYSTEM_RANGE(1, 20000)",
          "CHECKPOINT SYNC");
      database.jobs().expect("reads", DAY);
      CountDownLatch reading = new CountDownLatch(1);
      Check reads =
          new Check() {
            @Override
            public String name() {
              return "reads";
            }

            @Override
            public void run(CheckRun run) throws Exception {
              while (!run.timeIsUp()) {
                run.ask(connection -> letters(connection));
                reading.countDown();
              }
              run.stopped("the time is up");
            }
          };
      age(database, "registered_at", 2);
      ScheduledJob scheduled =
          Reconciler.builder(database.store, database.dataSource)
              .withoutBuiltInChecks()
              .check(reads)
              .job("reads")
              .build()
              .schedule(DAILY);
      assertThat(reading.await(Fixture.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

      scheduled.close();

      assertThat(letters(other)).isEqualTo(20_000_000);
      JobStatus job = database.jobs().status("reads").orElseThrow();
      assertThat(job.outcome()).contains(JobStatus.Outcome.INCOMPLETE);
      assertThat(job.owner()).isEmpty();
    }
  }

  private static long letters(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT SUM(LENGTH(text)) FROM filler")) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Closes a job; lets its run go on only when that has begun. */
  private static Thread closer(ScheduledJob scheduled, CountDownLatch closing) throws Exception {
    Thread closer = new Thread(scheduled::close);
    closer.start();
    Fixture.await("it waits for the run", () -> closer.getState() == Thread.State.TIMED_WAITING);
    closing.countDown();
    return closer;
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    boolean interrupted = false;
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Collector collector(Fixture database) {
    return CollectorTest.collector(database);
  }

  private static JobStatus job(Fixture database) {
    return database.jobs().status(Collector.JOB).orElseThrow();
  }

  private static boolean isOver(Fixture database) {
    JobStatus job = job(database);
    return job.owner().isEmpty() && job.outcome().isPresent();
  }

  private static void age(Fixture database, String column, int days) throws SQLException {
    database.execute(
        "UPDATE \"inbox\".\"job\" SET \"%1$s\" = \"%1$s\" - INTERVAL '%2$d' DAY"
            .formatted(column, days));
  }
}
