package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.RetryLaterException;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.fault.ServerControl;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server process behind a handler ends, or the whole server, or it is not there at all. */
class ServerCrashTest {
  private static final int CONSUMERS = 4;
  private static final int CRASHES = 3;
  private static final int MESSAGES_BETWEEN_CRASHES = 300;

  private static PostgresServer server;

  private PaymentsDatabase database;
  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.start(PostgresServer.NEWEST);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void open() throws Exception {
    database = PaymentsDatabase.on(server);
    pool = database.pool(CONSUMERS);
    inbox = PaymentsDatabase.inbox("payments", pool).build();
  }

  @AfterEach
  void close() {
    inbox.close();
    pool.close();
  }

  @Test
  void keepsWhatWasAcknowledgedWhenTheServerCrashesUnderLoad() throws Exception {
    Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    AtomicInteger next = new AtomicInteger();
    List<CountDownLatch> enough = new ArrayList<>();
    for (int i = 0; i <= CRASHES; i++) {
      enough.add(new CountDownLatch(MESSAGES_BETWEEN_CRASHES));
    }
    AtomicInteger phase = new AtomicInteger();
    ExecutorService threads = Executors.newFixedThreadPool(CONSUMERS);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < CONSUMERS; i++) {
      running.add(
          threads.submit(
              () -> {
                while (phase.get() <= CRASHES) {
                  Message message = PaymentsDatabase.message("m" + next.getAndIncrement());
                  deliver(message);
                  acknowledged.add(message.id());
                  enough.get(Math.min(phase.get(), CRASHES)).countDown();
                }
              }));
    }
    for (int crash = 0; crash < CRASHES; crash++) {
      enough.get(crash).await();
      ServerControl.restartImmediately(server);
      phase.incrementAndGet();
    }
    enough.get(CRASHES).await();
    phase.incrementAndGet();
    for (Future<?> consuming : running) {
      consuming.get();
    }
    threads.shutdown();

    assertThat(database.rows("SELECT message_id FROM inbox.message"))
        .containsExactlyInAnyOrderElementsOf(acknowledged);
    assertThat(database.rows("SELECT message_id FROM applied"))
        .containsExactlyInAnyOrderElementsOf(acknowledged);
    assertThat(database.number("SELECT count(*) FROM inbox.dead_letter")).isZero();
    assertThat(database.number("SELECT count(*) FROM inbox.attempt")).isZero();
  }

  private void deliver(Message message) {
    for (int round = 0; round < 100; round++) {
      if (inbox.process(message, PaymentsDatabase.applying(message)).acknowledge()) {
        return;
      }
    }
    throw new AssertionError("never acknowledged: " + message.id());
  }

  @Test
  void handlesAgainOnAnotherConnectionWhenItsBackendIsTerminated() throws Exception {
    Message message = PaymentsDatabase.message("terminated");
    List<Integer> backends = new ArrayList<>();

    Outcome<Void> outcome =
        inbox.process(
            message,
            tx -> {
              int backend = PaymentsDatabase.backend(tx.connection());
              backends.add(backend);
              terminate(backend);
              PaymentsDatabase.apply(tx, message);
            });

    assertUnavailable(outcome);
    assertThat(database.applied("terminated")).isZero();
    assertThat(database.remembered("payments")).isZero();

    assertThat(
            inbox.process(
                message,
                tx -> {
                  backends.add(PaymentsDatabase.backend(tx.connection()));
                  PaymentsDatabase.apply(tx, message);
                }))
        .isInstanceOf(Outcome.Processed.class);
    assertThat(backends).doesNotHaveDuplicates().hasSize(2);
    assertThat(database.applied("terminated")).isOne();
    assertThat(database.number("SELECT count(*) FROM inbox.attempt")).isZero();
  }

  @Test
  void aBackendTerminatedAfterTheLastStatementIsFoundAtTheCommit() throws Exception {
    Message message = PaymentsDatabase.message("terminated-late");
    AtomicInteger runs = new AtomicInteger();

    Outcome<Void> outcome =
        inbox.process(
            message,
            tx -> {
              PaymentsDatabase.apply(tx, message);
              if (runs.incrementAndGet() == 1) {
                terminate(PaymentsDatabase.backend(tx.connection()));
              }
            });

    assertThat(outcome).isInstanceOf(Outcome.Processed.class);
    assertThat(runs).hasValue(2);
    assertThat(database.applied("terminated-late")).isOne();
  }

  @Test
  void aHandlerThatSwallowsTheLossOfItsConnectionIsNotAtFault() throws Exception {
    Message message = PaymentsDatabase.message("swallowed");

    Outcome<Void> outcome =
        inbox.process(
            message,
            tx -> {
              terminate(PaymentsDatabase.backend(tx.connection()));
              try {
                PaymentsDatabase.apply(tx, message);
              } catch (SQLException e) {
                // swallowed on purpose
              }
            });

    assertThat(outcome.acknowledge()).isFalse();
    assertUnavailable(outcome);
    assertThat(database.number("SELECT count(*) FROM inbox.attempt")).isZero();
    assertThat(database.remembered("payments")).isZero();
  }

  @Test
  void nothingIsAcknowledgedWhileTheServerIsDown() throws Exception {
    Message message = PaymentsDatabase.message("down");
    ServerControl.stop(server);

    try {
      assertUnavailable(inbox.process(message, PaymentsDatabase.applying(message)));
      assertThat(
              inbox.processBatch(
                  List.of(message, PaymentsDatabase.message("down-2")), (fresh, tx) -> {}))
          .allSatisfy(ServerCrashTest::assertUnavailable);
      assertThatThrownBy(() -> inbox.deadLetters().show(1))
          .isInstanceOf(RetryLaterException.class)
          .hasMessageStartingWith("IBX-323");
      assertThatThrownBy(() -> PaymentsDatabase.inbox("late", pool).build())
          .isInstanceOf(RetryLaterException.class)
          .hasMessageContaining("cannot be reached");
    } finally {
      ServerControl.restartImmediately(server);
    }
  }

  private void terminate(int backend) throws SQLException {
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      statement.execute("SELECT pg_terminate_backend(" + backend + ", 10000)");
    }
  }

  private static void assertUnavailable(Outcome<Void> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Failed.class);
    assertThat(((Outcome.Failed<Void>) outcome).reason()).isEqualTo(Reason.DATABASE_UNAVAILABLE);
    assertThat(((Outcome.Failed<Void>) outcome).attempt()).isZero();
    assertThat(outcome.acknowledge()).isFalse();
  }
}
