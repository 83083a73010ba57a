package io.inbox.reconciler;

import static io.inbox.reconciler.CollectorTest.collector;
import static io.inbox.reconciler.CollectorTest.horizon;
import static io.inbox.reconciler.CollectorTest.run;
import static io.inbox.reconciler.Rows.DAY;
import static io.inbox.reconciler.Rows.OLD;
import static io.inbox.reconciler.Rows.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.InboxException;
import io.inbox.reconciler.JobResult.Done;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The collector in the middle of a batch, and what else happens just then. */
@Tag("long")
class CollectorFaultsTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(Fixture.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
  }

  /** Stops a collector before the first commit that makes rows go. */
  private static final class Gate {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicBoolean once = new AtomicBoolean();
    private final long all;
    private volatile SQLException failure;

    Gate(Fixture database) throws SQLException {
      this.all = database.number("SELECT COUNT(*) FROM \"inbox\".\"message\"");
    }

    DataSource on(DataSource inner) {
      return new HookedDataSource(inner, this::hook);
    }

    private void hook(Connection connection) throws Exception {
      if (count(connection) < all && once.compareAndSet(false, true)) {
        reached.countDown();
        open.await();
        if (failure != null) {
          throw failure;
        }
      }
    }

    /** What the transaction itself sees. */
    private static long count(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement();
          var row = statement.executeQuery("SELECT COUNT(*) FROM \"inbox\".\"message\"")) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theHorizonIsCommittedBeforeAnythingGoes(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).consumer("d", DAY).mixed(300);
      Gate gate = new Gate(database);
      Future<JobResult<CollectorReport>> running =
          threads.submit(
              () -> Collector.builder(database.store, gate.on(database.dataSource)).build().run());
      gate.reached.await();

      assertThat(rows.due()).as("rows as others see them").isEqualTo(300);
      assertThat(horizon(database, "c")).isEqualTo(startOf(database).minus(Duration.ofDays(15)));
      assertThat(horizon(database, "d")).isEqualTo(startOf(database).minus(Duration.ofDays(2)));

      gate.open.countDown();
      assertThat(running.get()).isInstanceOf(Done.class);
      assertThat(rows.due()).isZero();
    }
  }

  /** A horizon is the start of its run less window and margin. */
  private static java.time.Instant startOf(Fixture database) throws SQLException {
    return horizon(database, "d").plus(Duration.ofDays(2));
  }

  /**
   * Windows change: a node may still have the long one. Its claim judges when it begins, then waits
   * for the row that is being deleted; what it judged by must have been published by then.
   */
  @ParameterizedTest
  @EnumSource
  void aRedeliveryWithALongerWindowIsNotHandledAgainWhileItsKeyGoes(Platform platform)
      throws Exception {
    try (Fixture database = platform.fresh();
        Inbox longWindow = inbox(database, Duration.ofDays(30))) {
      Rows rows = new Rows(database);
      rows.messageOfTime("m", OLD, rows.before(OLD));
      shortWindow(database);
      Gate gate = new Gate(database);
      Future<?> running =
          threads.submit(
              () -> Collector.builder(database.store, gate.on(database.dataSource)).build().run());
      gate.reached.await();
      AtomicInteger handled = new AtomicInteger();
      Message message = Message.builder("m").source("s").time(rows.before(OLD).toInstant()).build();

      Future<Outcome<Void>> during =
          threads.submit(() -> longWindow.process(message, tx -> handled.incrementAndGet()));
      assertThat(during.get())
          .satisfiesAnyOf(
              it -> assertThat(it).isInstanceOf(Outcome.Duplicate.class),
              it -> assertThat(it).isInstanceOf(Outcome.OutsideWindow.class));
      gate.open.countDown();
      running.get();

      Outcome<Void> after = longWindow.process(message, tx -> handled.incrementAndGet());
      assertThat(after)
          .isInstanceOfSatisfying(
              Outcome.OutsideWindow.class, it -> assertThat(it.reason()).isEqualTo(Reason.PURGED));
      assertThat(handled).hasValue(0);
      assertThat(rows.messages()).isEmpty();
    }
  }

  /** Why the order above matters: this is what would happen, by hand, in the other one. */
  @ParameterizedTest
  @EnumSource(names = "H2", mode = EnumSource.Mode.EXCLUDE)
  void aHorizonThatMovesTogetherWithTheRowsComesTooLate(Platform platform) throws Exception {
    try (Fixture database = platform.fresh();
        Inbox longWindow = inbox(database, Duration.ofDays(30));
        Connection byHand = database.connect();
        Statement statement = byHand.createStatement()) {
      Rows rows = new Rows(database);
      rows.messageOfTime("m", OLD, rows.before(OLD));
      shortWindow(database);
      byHand.setAutoCommit(false);
      statement.executeUpdate(
          "UPDATE inbox.consumer SET purge_horizon = now() - interval '15 days'");
      statement.executeUpdate("DELETE FROM inbox.message");
      AtomicInteger handled = new AtomicInteger();
      Message message = Message.builder("m").source("s").time(rows.before(OLD).toInstant()).build();

      Future<Outcome<Void>> redelivery =
          threads.submit(() -> longWindow.process(message, tx -> handled.incrementAndGet()));
      awaitLockWait(database);
      byHand.commit();

      assertThat(redelivery.get()).isInstanceOf(Outcome.Processed.class);
      assertThat(handled).as("handled, although it had been handled before").hasValue(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRedeliveryWhileItsKeyGoesIsEitherADuplicateOrHandled(Platform platform) throws Exception {
    for (boolean commits : new boolean[] {true, false}) {
      try (Fixture database = platform.fresh();
          Inbox inbox = inbox(database, WINDOW)) {
        Rows rows = new Rows(database);
        rows.message("m", OLD);
        Gate gate = new Gate(database);
        gate.failure = commits ? null : new SQLException("the connection broke", "08006");
        Future<?> running =
            threads.submit(
                () ->
                    Collector.builder(database.store, gate.on(database.dataSource)).build().run());
        gate.reached.await();
        AtomicInteger handled = new AtomicInteger();
        Message message = Message.builder("m").source("s").build();

        Future<Outcome<Void>> redelivery =
            threads.submit(() -> inbox.process(message, tx -> handled.incrementAndGet()));
        if (platform.isPostgres()) {
          awaitLockWait(database);
          assertThat(redelivery.isDone()).isFalse();
        } else {
          // H2 does not wait, and the row is there as long as its deletion is not committed.
          assertThat(redelivery.get()).isInstanceOf(Outcome.Duplicate.class);
        }
        gate.open.countDown();
        Outcome<Void> outcome = redelivery.get();
        if (commits) {
          running.get();
        } else {
          assertThatThrownBy(running::get).hasCauseInstanceOf(InboxException.class);
        }

        boolean again = commits && platform.isPostgres();
        assertThat(outcome).isInstanceOf(again ? Outcome.Processed.class : Outcome.Duplicate.class);
        assertThat(handled).hasValue(again ? 1 : 0);
        assertThat(rows.messages()).hasSize(again || !commits ? 1 : 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRowThatIsLockedIsLeftToTheNextRun(Platform platform) throws Exception {
    try (Fixture database = platform.fresh();
        Connection other = database.connect();
        Statement statement = other.createStatement()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(2_000);
      other.setAutoCommit(false);
      statement.executeUpdate(
          "UPDATE \"inbox\".\"message\" SET \"subject\" = 'x' WHERE \"message_id\" = 'old-3-7'");

      CollectorReport report = run(collector(database));

      assertThat(report.hinderedBatches() > 0).isEqualTo(platform.isPostgres());
      assertThat(report.skippedPlaces()).isEqualTo(1);
      assertThat(rows.messages()).contains("old-3-7");
      assertThat(rows.due()).as("what lies in the same place").isBetween(1L, 200L);
      other.commit();
      run(collector(database));
      assertThat(rows.due()).isZero();
      assertThat(rows.notDue()).isEqualTo(2_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRowThatIsHandledAgainMeanwhileStays(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(200);
      try (Connection replay = database.connect();
          Statement statement = replay.createStatement()) {
        replay.setAutoCommit(false);
        statement.executeUpdate(
            "UPDATE \"inbox\".\"message\" SET \"handled_at\" = CURRENT_TIMESTAMP WHERE \"message_id\" = 'old-0-7'");
        Future<CollectorReport> running = threads.submit(() -> run(collector(database)));
        Fixture.await(
            "the collector waits, or has gone around the row",
            () -> running.isDone() || isWaiting(database));
        replay.commit();
        running.get();
        run(collector(database));
      }
      assertThat(rows.messages()).contains("old-0-7").hasSize(201);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHoldThatIsPlacedMeanwhileIsRespectedFromThenOn(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(3_000);
      Holds holds = Holds.open(database.store, database.dataSource);
      AtomicInteger left = new AtomicInteger();

      CollectorReport report =
          run(
              Collector.builder(database.store, database.dataSource)
                  .batchTarget(Duration.ofMillis(5))
                  .progress(
                      progress -> {
                        if (left.get() == 0) {
                          holds.place(Hold.Scope.ofConsumer("c"), "stop", "me");
                          left.set((int) due(rows));
                        }
                      })
                  .build());

      assertThat(left).hasPositiveValue();
      assertThat(rows.due()).isEqualTo(left.get());
      assertThat(report.messages()).isEqualTo(3_000 - left.get());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aWindowThatIsLengthenedMeanwhileIsRespectedFromThenOn(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(3_000);
      AtomicInteger left = new AtomicInteger();

      run(
          Collector.builder(database.store, database.dataSource)
              .batchTarget(Duration.ofMillis(5))
              .progress(
                  progress -> {
                    if (left.get() == 0) {
                      inbox(database, Duration.ofDays(30)).close();
                      left.set((int) due(rows));
                    }
                  })
              .build());

      assertThat(left).hasPositiveValue();
      assertThat(rows.due()).isEqualTo(left.get());
    }
  }

  /** Whoever has set something to keep may rely on it when the call returns. */
  @ParameterizedTest
  @EnumSource(names = "H2", mode = EnumSource.Mode.EXCLUDE)
  void holdsRulesAndWindowsWaitForTheBatchThatHasNotSeenThem(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(300);
      Gate gate = new Gate(database);
      Future<?> running =
          threads.submit(
              () -> Collector.builder(database.store, gate.on(database.dataSource)).build().run());
      gate.reached.await();
      Retention.Rule rule = Retention.Rule.ofConsumer("c", Duration.ofDays(30));

      List<Future<?>> waiting =
          List.of(
              threads.submit(
                  () ->
                      Holds.open(database.store, database.dataSource)
                          .place(Hold.Scope.ofEverything(), "stop", "me")),
              threads.submit(() -> Retention.open(database.store, database.dataSource).keep(rule)),
              threads.submit(() -> inbox(database, Duration.ofDays(30)).close()));
      Fixture.await("all three wait", () -> waiting(database) == 3);
      assertThat(waiting).noneMatch(Future::isDone);

      gate.open.countDown();
      for (Future<?> future : waiting) {
        future.get();
      }
      running.get();
    }
  }

  @ParameterizedTest
  @EnumSource(names = "H2", mode = EnumSource.Mode.EXCLUDE)
  void aCollectorThatStandsStillInABatchIsEndedAndSucceeded(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(300);
      Gate gate = new Gate(database);
      Future<?> zombie =
          threads.submit(
              () ->
                  Collector.builder(database.store, pausing(database, gate))
                      .lease(Duration.ofSeconds(2))
                      .owner("zombie")
                      .build()
                      .run());
      gate.reached.await();
      Collector heir = collector(database);

      Fixture.await("the heir has run", () -> heir.run() instanceof Done);

      assertThat(rows.due()).isZero();
      assertThat(rows.notDue()).isEqualTo(300);
      gate.open.countDown();
      assertThatThrownBy(zombie::get).hasCauseInstanceOf(InboxException.class);
      assertThat(database.jobs().status(Collector.JOB).orElseThrow().outcome())
          .contains(JobStatus.Outcome.SUCCEEDED);
    }
  }

  /** Nobody gets a connection, nor a commit through, once the gate is reached. */
  private static DataSource pausing(Fixture database, Gate gate) {
    PausableDataSource pausable = new PausableDataSource(database.dataSource);
    return new HookedDataSource(
        pausable,
        connection -> {
          if (Gate.count(connection) < gate.all && !gate.once.get()) {
            pausable.pause();
          }
          gate.hook(connection);
          pausable.resume();
        });
  }

  @ParameterizedTest
  @EnumSource
  void anInterruptEndsTheRunAfterItsBatch(Platform platform) throws Exception {
    try (Fixture database = platform.fresh()) {
      Rows rows = new Rows(database);
      rows.consumer("c", WINDOW).mixed(3_000);
      Thread runner = Thread.currentThread();

      CollectorReport report =
          run(
              Collector.builder(database.store, database.dataSource)
                  .batchTarget(Duration.ofMillis(5))
                  .progress(progress -> runner.interrupt())
                  .build());

      assertThat(Thread.interrupted()).isTrue();
      assertThat(report.stopped()).contains("interrupted");
      assertThat(rows.due()).isEqualTo(3_000 - report.messages());
      assertThat(database.jobs().status(Collector.JOB).orElseThrow().checkpoint()).isPresent();
      run(collector(database));
      assertThat(rows.due()).isZero();
    }
  }

  private static long due(Rows rows) {
    try {
      return rows.due();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static Inbox inbox(Fixture database, Duration window) {
    return Inbox.builder("c", database.store, database.dataSource).window(window).build();
  }

  /** As the node that registered last says. */
  private static void shortWindow(Fixture database) throws SQLException {
    database.execute(
        "UPDATE \"inbox\".\"consumer\" SET \"dedupe_window_seconds\" = " + WINDOW.toSeconds());
  }

  private static void awaitLockWait(Fixture database) throws Exception {
    Fixture.await("somebody waits for a lock", () -> isWaiting(database));
  }

  private static boolean isWaiting(Fixture database) throws SQLException {
    return waiting(database) > 0;
  }

  private static long waiting(Fixture database) throws SQLException {
    return database.platform.isPostgres()
        ? database.number(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        : database.number(
            "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SESSIONS WHERE BLOCKER_ID IS NOT NULL");
  }
}
