package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.Watermark;
import io.inbox.error.RetryLaterException;
import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Two that believe they own one partition: the one with the older epoch changes nothing. */
abstract class WatermarkOwnerContract extends WatermarkTesting {
  private static final String FENCED = "InFlight(FENCED)";
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void anOlderEpochIsFencedAndChangesNothing() {
    Inbox inbox = open();
    Watermark old = takeOver(inbox);
    old.processBatch(range(0, 2), noting());
    Watermark now = takeOver(inbox);
    List<Outcome<Void>> outcomes = old.processBatch(range(2, 4), mustNotRun());
    assertThat(reasons(outcomes)).containsExactly(FENCED, FENCED);
    assertThat(outcomes).noneMatch(Outcome::acknowledge);
    assertThat(as(Outcome.InFlight.class, outcomes.get(0)).retryAfter()).isPositive();
    assertThat(old.fenced()).isTrue();
    assertThat(now.fenced()).isFalse();
    assertThat(stored()).isEqualTo("2@1");
    assertThat(rows("attempt")).isZero();
    assertThat(reasons(now.processBatch(range(2, 4), noting())))
        .containsExactly("Processed", "Processed");
    assertThat(reasons(old.processBatch(range(0, 2), mustNotRun())))
        .as("even what it had handled itself is another's to acknowledge now")
        .containsExactly(FENCED, FENCED);
    assertThat(books.applied()).hasSize(4).doesNotHaveDuplicates();
  }

  @Test
  void aFencedOwnerSetsNothingAsideAndGivesNothingUp() {
    Inbox inbox = open(it -> it.retry(RetryPolicy.builder().maxAttempts(1).build()));
    Watermark old = takeOver(inbox);
    takeOver(inbox);
    assertThat(reason(old.setAside(0, Map.of(), bytes("x"), "odd"))).isEqualTo(FENCED);
    Message killer = Message.builder("killer").deliveryCount(101).build();
    assertThat(reason(old.process(0, killer, tx -> {}))).isEqualTo(FENCED);
    assertThat(rows("dead_letter")).isZero();
    assertThat(stored()).isEqualTo("2@-1");
  }

  /** It fails, and before the attempt is counted another one takes over. */
  @Test
  void anAttemptIsNotCountedOnceAnotherOwnerHasTakenOver() {
    AtomicBoolean failed = new AtomicBoolean();
    Transactions plain = database().transactions(pool);
    Inbox inbox =
        open(
            consumer,
            new Transactions() {
              @Override
              public <T> T inTransaction(Work<T> work) throws Exception {
                if (failed.getAndSet(false)) {
                  raiseEpoch();
                }
                return plain.inTransaction(work);
              }
            });
    Watermark old = takeOver(inbox);
    Outcome<Void> outcome =
        old.process(
            0,
            message("a"),
            tx -> {
              failed.set(true);
              throw new IllegalStateException("on purpose");
            });
    assertThat(reason(outcome)).isEqualTo(FENCED);
    assertThat(rows("attempt")).isZero();
    assertThat(stored()).isEqualTo("2@-1");
  }

  private void raiseEpoch() {
    books.run(
        "UPDATE " + table("watermark") + " SET \"epoch\" = \"epoch\" + 1 WHERE \"consumer\" = ?",
        consumer);
  }

  /**
   * The condition was true in the snapshot of its statement; when the row is free at last it must
   * be judged by the newest version.
   */
  @Test
  void aZombieThatWaitsForTheRowIsFencedWhenItGetsIt() throws Exception {
    Inbox inbox = open(it -> it.wait(LONG));
    Watermark zombie = takeOver(inbox);
    zombie.processBatch(range(0, 2), noting());
    Future<List<Outcome<Void>>> waiting;
    try (Connection holder = pool.getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.executeUpdate(
          "UPDATE "
              + table("watermark")
              + " SET \"epoch\" = \"epoch\" + 1 WHERE \"consumer\" = '"
              + consumer
              + "'");
      waiting = threads.start(() -> zombie.processBatch(range(2, 4), mustNotRun()));
      awaitWaiting(1);
      holder.commit();
    }
    assertThat(reasons(Threads.result(waiting))).containsExactly(FENCED, FENCED);
    assertThat(stored()).isEqualTo("2@1");
    assertThat(books.applied()).containsExactlyInAnyOrder("m0", "m1");
  }

  /** The take-over that it waited for was rolled back, so nothing has changed. */
  @Test
  void anOwnerThatWaitedInVainGoesOn() throws Exception {
    Inbox inbox = open(it -> it.wait(LONG));
    Watermark owner = takeOver(inbox);
    Future<List<Outcome<Void>>> waiting;
    try (Connection holder = pool.getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.executeUpdate(
          "UPDATE "
              + table("watermark")
              + " SET \"epoch\" = 9 WHERE \"consumer\" = '"
              + consumer
              + "'");
      waiting = threads.start(() -> owner.processBatch(range(0, 2), noting()));
      awaitWaiting(1);
      holder.rollback();
    }
    assertThat(reasons(Threads.result(waiting))).containsExactly("Processed", "Processed");
    assertThat(stored()).isEqualTo("1@1");
  }

  /** A take-over waits for what is in flight, so its position does not move afterwards. */
  @Test
  void aTakeOverSeesWhatTheOwnerBeforeItCommits() throws Exception {
    InHandler first = new InHandler(LONG);
    Future<Watermark> next = threads.start(() -> takeOver(first.inbox));
    awaitWaiting(1);
    assertThat(next).isNotDone();
    first.go.countDown();
    assertThat(Threads.result(first.outcome)).isInstanceOf(Outcome.Processed.class);
    assertThat(Threads.result(next).position()).hasValue(7);
    assertThat(reasons(first.owner.processBatch(range(8, 9), mustNotRun())))
        .containsExactly(FENCED);
  }

  @Test
  void theWaitIsBoundedForBothOfThem() throws Exception {
    InHandler first = new InHandler(Duration.ofMillis(50));
    assertThatThrownBy(() -> takeOver(first.inbox))
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining("IBX-326");
    first.go.countDown();
    assertThat(Threads.result(first.outcome)).isInstanceOf(Outcome.Processed.class);
    try (Connection holder = pool.getConnection();
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.executeUpdate(
          "UPDATE "
              + table("watermark")
              + " SET \"epoch\" = 2 WHERE \"consumer\" = '"
              + consumer
              + "'");
      assertThat(reasons(first.owner.processBatch(range(8, 10), mustNotRun())))
          .containsExactly("InFlight(BUSY)", "InFlight(BUSY)");
      holder.rollback();
    }
    assertThat(reasons(first.owner.processBatch(range(8, 10), noting())))
        .containsExactly("Processed", "Processed");
  }

  /** An owner in its handler, which has moved the watermark to 7 and not committed. */
  private final class InHandler {
    final Inbox inbox;
    final Watermark owner;
    final CountDownLatch go = new CountDownLatch(1);
    final Future<Outcome<Void>> outcome;

    InHandler(Duration wait) throws InterruptedException {
      inbox = open(it -> it.wait(wait));
      owner = takeOver(inbox);
      CountDownLatch held = new CountDownLatch(1);
      outcome =
          threads.start(
              () ->
                  owner.process(
                      7,
                      message("m7"),
                      tx -> {
                        books.note(tx.connection(), "m7");
                        held.countDown();
                        Threads.await(go);
                      }));
      Threads.await(held);
    }
  }

  @Test
  void theBoundDoesNotReachTheHandlersStatements() throws Exception {
    Watermark mark = takeOver(open(it -> it.wait(Duration.ofMillis(77))));
    List<String> waits = new ArrayList<>();
    String usual = waitOf(pool.getConnection());
    mark.processBatch(range(0, 1), (fresh, tx) -> waits.add(query(tx.connection())));
    mark.processBatch(range(0, 1), mustNotRun());
    mark.processBatch(range(1, 2), (fresh, tx) -> waits.add(query(tx.connection())));
    assertThat(waits).containsOnly(usual);
    assertThat(waitOf(pool.getConnection())).isEqualTo(usual);
  }

  private String waitOf(Connection fresh) throws Exception {
    try (Connection connection = fresh) {
      return query(connection);
    }
  }

  private String query(Connection connection) throws java.sql.SQLException {
    try (Statement statement = connection.createStatement();
        java.sql.ResultSet row = statement.executeQuery(database().lockWaitQuery())) {
      row.next();
      return row.getString(1);
    }
  }

  /** A backup was put back, or a standby took over that had not got everything. */
  @Test
  void aWatermarkThatWentBackIsNotPassedOver() {
    Inbox inbox = open();
    Watermark mark = takeOver(inbox);
    mark.processBatch(range(0, 10), noting());
    books.run(
        "UPDATE " + table("watermark") + " SET \"position\" = 4 WHERE \"consumer\" = ?", consumer);
    assertThat(reasons(mark.processBatch(range(10, 12), mustNotRun())))
        .containsExactly(FENCED, FENCED);
    assertThat(stored()).isEqualTo("1@4");
    Watermark again = takeOver(inbox);
    assertThat(again.position()).as("where to read from").isEqualTo(OptionalLong.of(4));
  }

  @Test
  void aDeletedWatermarkIsNotMadeAgainByItsOwner() {
    Watermark mark = takeOver(open());
    mark.processBatch(range(0, 1), noting());
    books.run("DELETE FROM " + table("watermark") + " WHERE \"consumer\" = ?", consumer);
    assertThat(reasons(mark.processBatch(range(1, 2), mustNotRun()))).containsExactly(FENCED);
    assertThat(stored()).isEmpty();
  }

  @Test
  void everyTakeOverOfManyAtOnceHasAnEpochOfItsOwn() throws Exception {
    Inbox inbox = open(it -> it.wait(LONG));
    List<Long> epochs = threads.race(8, () -> takeOver(inbox).epoch());
    assertThat(epochs).containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
    assertThat(stored()).isEqualTo("8@-1");
  }

  /**
   * Owners take the partition from each other in the middle of everything, each going on where the
   * watermark stood; handlers fail now and then.
   */
  @Test
  void ownersThatFightOverAPartitionLoseAndDoubleNothing() throws Exception {
    Inbox inbox = open(it -> it.wait(LONG));
    int last = 200;
    AtomicInteger calls = new AtomicInteger();
    threads.race(
        4,
        () -> {
          long position = -1;
          while (position < last - 1) {
            Watermark mark = takeOver(inbox);
            position = mark.position().orElse(-1);
            for (int i = 0; i < 3 && position < last - 1 && !mark.fenced(); i++) {
              int from = (int) position + 1;
              mark.processBatch(
                  range(from, Math.min(last, from + 5)),
                  (fresh, tx) -> {
                    noting().handle(fresh, tx);
                    if (calls.incrementAndGet() % 7 == 0) {
                      throw new IllegalStateException("told to fail");
                    }
                  });
              position = mark.position().orElse(-1);
            }
          }
          return position;
        });
    assertThat(books.applied()).hasSize(last).doesNotHaveDuplicates();
    assertThat(stored()).endsWith("@" + (last - 1));
    assertThat(rows("dead_letter")).isZero();
  }
}
