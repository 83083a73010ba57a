package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.RetryPolicy;
import io.inbox.spi.DeliveryEvent;
import io.inbox.spi.InboxListener;
import io.inbox.spi.RetryEvent;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Real threads on real connections that want the same key. */
abstract class ConcurrencyContract extends Contract {
  private static final Duration LONG = Duration.ofSeconds(30);

  /** SELECT before INSERT tells two nodes that they are first. */
  @Test
  void ofManyThreadsWithOneKeyOneHandles() throws Exception {
    Inbox inbox = open(it -> it.wait(LONG));
    for (int round = 0; round < 15; round++) {
      Message message = message("m" + round);
      List<Outcome<Void>> outcomes = threads.race(8, () -> handle(inbox, message));
      assertThat(outcomes).filteredOn(Outcome.Processed.class::isInstance).hasSize(1);
      assertThat(outcomes).filteredOn(Outcome.Duplicate.class::isInstance).hasSize(7);
    }
    assertThat(books.applied()).hasSize(15).doesNotHaveDuplicates();
    assertThat(books.balance()).isEqualTo(15);
  }

  @Test
  void aDuplicateWaitsForTheFirstOnesCommit() throws Exception {
    FirstAndSecond race = new FirstAndSecond(LONG);
    awaitWaiting(1);
    assertThat(race.second).isNotDone();
    race.go.countDown();
    assertThat(Threads.result(race.first)).isInstanceOf(Outcome.Processed.class);
    assertThat(Threads.result(race.second)).isInstanceOf(Outcome.Duplicate.class);
    assertThat(books.applied()).containsExactly("a");
  }

  /** Taking over without waiting for the first one's end lets two nodes win. */
  @Test
  void aDuplicateTakesOverAfterTheFirstOnesRollback() throws Exception {
    FirstAndSecond race = new FirstAndSecond(LONG);
    race.fails = true;
    awaitWaiting(1);
    race.go.countDown();
    assertThat(Threads.result(race.first)).isInstanceOf(Outcome.Failed.class);
    assertThat(Threads.result(race.second)).isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactly("a");
    assertThat(books.balance()).isEqualTo(1);
  }

  @Test
  void theWaitIsBoundedAndNeitherLosesNorRunsTheMessage() throws Exception {
    FirstAndSecond race = new FirstAndSecond(Duration.ofMillis(50));
    Outcome.InFlight<?> busy = as(Outcome.InFlight.class, Threads.result(race.second));
    assertThat(busy.reason()).isEqualTo(Reason.BUSY);
    assertThat(busy.acknowledge()).isFalse();
    assertThat(busy.retryAfter()).isPositive();
    assertThat(race.first).isNotDone();
    race.go.countDown();
    assertThat(Threads.result(race.first)).isInstanceOf(Outcome.Processed.class);
    assertThat(books.applied()).containsExactly("a");
    assertThat(rows("attempt")).as("waiting is no attempt").isZero();
  }

  /** One delivery that holds a key in its handler, and another of the same key. */
  private final class FirstAndSecond {
    final CountDownLatch go = new CountDownLatch(1);
    final Future<Outcome<Void>> first;
    final Future<Outcome<Void>> second;
    volatile boolean fails;

    FirstAndSecond(Duration wait) throws InterruptedException {
      Inbox inbox = open(it -> it.wait(wait));
      CountDownLatch held = new CountDownLatch(1);
      first =
          threads.start(
              () ->
                  inbox.process(
                      message("a"),
                      tx -> {
                        books.apply(tx.connection(), "a", 1);
                        held.countDown();
                        Threads.await(go);
                        if (fails) {
                          throw new IllegalStateException("on purpose");
                        }
                      }));
      Threads.await(held);
      second = threads.start(() -> handle(inbox, message("a")));
    }
  }

  @Test
  void theBoundDoesNotReachTheHandlersStatements() throws Exception {
    Inbox inbox = open(it -> it.wait(Duration.ofMillis(20)));
    Inbox busy = open(consumer + "-clock", pool, it -> it.wait(Duration.ofMillis(200)));
    try (Connection holder = pool.getConnection()) {
      holder.setAutoCommit(false);
      Books.add(holder, books.owner(), 5);
      busy.claim(holder, message("clock"));
      Future<Outcome<Void>> waiting = threads.start(() -> handle(inbox, message("a")));
      Future<List<Outcome<Void>>> batch =
          threads.start(
              () ->
                  inbox.processBatch(
                      List.of(message("b"), message("c")),
                      (fresh, tx) -> {
                        for (Message message : fresh) {
                          books.apply(tx.connection(), message.id(), 1);
                        }
                      }));
      awaitWaiting(2);
      // Ten times the inbox's own bound goes by, by the database's clock: this claim waits that
      // long.
      assertThat(handle(busy, message("clock"))).isInstanceOf(Outcome.InFlight.class);
      assertThat(waiting).isNotDone();
      assertThat(batch).isNotDone();
      holder.commit();
      assertThat(Threads.result(waiting)).isInstanceOf(Outcome.Processed.class);
      assertThat(kinds(Threads.result(batch))).containsOnly("Processed");
    }
    assertThat(books.balance()).isEqualTo(8);
  }

  /** Two batches that insert their keys in different orders deadlock unless both are sorted. */
  @Test
  void batchesInOppositeOrderDoNotDeadlock() throws Exception {
    Queue<RetryEvent> retries = new ConcurrentLinkedQueue<>();
    Inbox inbox =
        open(
            it ->
                it.wait(LONG)
                    .listener(
                        new InboxListener() {
                          @Override
                          public void delivered(DeliveryEvent event) {}

                          @Override
                          public void retried(RetryEvent event) {
                            retries.add(event);
                          }
                        }));
    for (int round = 0; round < 10; round++) {
      String prefix = "r" + round + "-";
      // Supplementary characters sort apart as UTF-16 and as UTF-8.
      List<Message> up =
          IntStream.range(0, 60)
              .mapToObj(i -> message(prefix + (i % 2 == 0 ? "\uffed" : "\ud83d\udcb6") + i))
              .toList();
      List<Message> down = new ArrayList<>(up);
      Collections.reverse(down);
      AtomicInteger turn = new AtomicInteger();
      List<List<Outcome<Void>>> outcomes =
          threads.race(
              4,
              () ->
                  inbox.processBatch(
                      turn.getAndIncrement() % 2 == 0 ? up : down,
                      (fresh, tx) -> {
                        for (Message message : fresh) {
                          books.note(tx.connection(), message.id());
                        }
                      }));
      assertThat(outcomes).allSatisfy(it -> assertThat(it).allMatch(Outcome::acknowledge));
    }
    assertThat(books.applied()).hasSize(600).doesNotHaveDuplicates();
    assertThat(retries).as("deadlocks").isEmpty();
  }

  @Test
  void batchesThatOverlapHandleEachMessageOnce() throws Exception {
    Inbox inbox = open(it -> it.wait(LONG));
    AtomicInteger start = new AtomicInteger();
    threads.race(
        6,
        () -> {
          int from = start.getAndAdd(20);
          List<Message> batch =
              IntStream.range(from, from + 60).mapToObj(i -> message("m" + i % 100)).toList();
          return inbox.processBatch(
              batch,
              (fresh, tx) -> {
                for (Message message : fresh) {
                  books.apply(tx.connection(), message.id(), 1);
                }
              });
        });
    assertThat(books.applied()).hasSize(100).doesNotHaveDuplicates();
    assertThat(books.balance()).isEqualTo(100);
  }

  /** What runs at once and fails at random must still add up. */
  @Test
  void deliveriesThatRaceAndFailAddUp() throws Exception {
    Inbox inbox =
        open(
            it ->
                it.wait(LONG)
                    .retry(RetryPolicy.builder().maxAttempts(1_000).maxDeliveries(0).build()));
    Queue<Message> deliveries = new ConcurrentLinkedQueue<>();
    for (int copy = 0; copy < 3; copy++) {
      IntStream.range(0, 60).forEach(i -> deliveries.add(message("m" + i)));
    }
    AtomicInteger runs = new AtomicInteger();
    threads.race(
        8,
        () -> {
          for (Message next = deliveries.poll(); next != null; next = deliveries.poll()) {
            Message message = next;
            Outcome<Void> outcome =
                inbox.process(
                    message,
                    tx -> {
                      books.note(tx.connection(), message.id());
                      if (runs.getAndIncrement() % 5 == 0) {
                        throw new IllegalStateException("every fifth run");
                      }
                      Books.add(tx.connection(), books.owner(), 1);
                    });
            if (!outcome.acknowledge()) {
              deliveries.add(message);
            }
          }
          return null;
        });
    assertThat(books.applied()).hasSize(60).doesNotHaveDuplicates();
    assertThat(books.balance()).isEqualTo(60);
  }

  @Test
  void virtualThreadsShareAnInbox() throws Exception {
    ExecutorService virtual = virtualThreads();
    assumeThat(virtual).as("virtual threads need Java 21").isNotNull();
    Inbox inbox = open(it -> it.wait(LONG));
    try (Threads many = new Threads(virtual)) {
      AtomicInteger next = new AtomicInteger();
      List<Outcome<Void>> outcomes =
          many.race(
              60,
              () -> {
                Message message = message("m" + next.getAndIncrement() % 20);
                return inbox.process(message, tx -> books.note(tx.connection(), message.id()));
              });
      assertThat(outcomes).allMatch(Outcome::acknowledge);
    }
    assertThat(books.applied()).hasSize(20).doesNotHaveDuplicates();
  }

  private static ExecutorService virtualThreads() {
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }
}
