package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inbox.BatchHandler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.PartedBatch;
import io.inbox.PartedBatch.Run;
import io.inbox.RetryPolicy;
import io.inbox.error.ConfigurationException;
import io.inbox.error.InvalidMessageException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A file whose parts are handled once each, over as many runs as it takes. */
abstract class PartedBatchContract extends Contract {
  private final BatchHandler noting =
      (fresh, tx) -> {
        for (Message part : fresh) {
          books.apply(tx.connection(), new String(part.payload(), StandardCharsets.UTF_8), 1);
        }
      };

  private static Iterator<byte[]> parts(int count) {
    return IntStream.range(0, count).mapToObj(i -> bytes("part " + i)).iterator();
  }

  private static Iterator<byte[]> dyingAfter(int parts) {
    Iterator<byte[]> all = parts(parts);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public byte[] next() {
        if (!all.hasNext()) {
          throw new IllegalStateException("the file breaks off");
        }
        return all.next();
      }
    };
  }

  @Test
  void everyPartIsHandledOnceAndTheEndIsRemembered() {
    PartedBatch batch = open().batch("file-1").partsPerTransaction(10);
    assertThat(batch.process(parts(25), noting)).isEqualTo(new Run(false, 25, 0, 0, List.of()));
    Run again =
        batch.process(
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                throw new AssertionError("the file is read again");
              }

              @Override
              public byte[] next() {
                throw new AssertionError("the file is read again");
              }
            },
            noting);
    assertThat(again.endedBefore()).isTrue();
    assertThat(again.ended()).isTrue();
    assertThat(books.balance()).isEqualTo(25);
  }

  @Test
  void aRunThatDiesIsContinuedByTheNext() {
    PartedBatch batch = open().batch("file-1").partsPerTransaction(10);
    assertThatThrownBy(() -> batch.process(dyingAfter(25), noting))
        .hasMessage("the file breaks off");
    assertThat(books.balance()).as("whole transactions stay").isEqualTo(20);
    assertThat(batch.process(parts(40), noting)).isEqualTo(new Run(false, 20, 20, 0, List.of()));
    assertThat(books.applied()).hasSize(40).doesNotHaveDuplicates();
  }

  @Test
  void aFailingPartIsNamedAndDoesNotEndTheBatch() {
    Inbox inbox = open(it -> it.retry(RetryPolicy.builder().maxAttempts(2).build()));
    PartedBatch batch = inbox.batch("file-1").partsPerTransaction(4);
    BatchHandler failing =
        (fresh, tx) -> {
          noting.handle(fresh, tx);
          for (Message part : fresh) {
            if (new String(part.payload(), StandardCharsets.UTF_8).equals("part 5")) {
              throw new IllegalStateException("poison");
            }
          }
        };
    Run first = batch.process(parts(10), failing);
    assertThat(first.ended()).isFalse();
    assertThat(first.handled()).isEqualTo(9);
    assertThat(first.open()).hasSize(1);
    assertThat(as(Outcome.Failed.class, first.open().get(0)).key().messageId()).endsWith("5");
    Run second = batch.process(parts(10), failing);
    assertThat(second.ended()).isTrue();
    assertThat(second.setAside()).isEqualTo(1);
    assertThat(batch.process(parts(10), failing).endedBefore()).isTrue();
    assertThat(books.balance()).isEqualTo(9);
  }

  @Test
  void twoRunsAtOnceShareTheWork() throws Exception {
    PartedBatch batch =
        open(it -> it.wait(Duration.ofSeconds(30))).batch("file-1").partsPerTransaction(5);
    List<Run> runs = threads.race(3, () -> batch.process(parts(50), noting));
    assertThat(runs.stream().mapToLong(Run::handled).sum()).isEqualTo(50);
    assertThat(runs).allMatch(Run::ended);
    assertThat(books.applied()).hasSize(50).doesNotHaveDuplicates();
  }

  /** Whoever believes that the batch has ended may delete the file. */
  @Test
  void anEndThatCannotBeRecordedLeavesTheBatchOpen() throws Exception {
    Inbox inbox = open(it -> it.wait(Duration.ofMillis(100)));
    PartedBatch batch = inbox.batch("file-1");
    try (Connection other = pool.getConnection()) {
      other.setAutoCommit(false);
      Iterator<byte[]> all = parts(3);
      Run busy =
          batch.process(
              new Iterator<>() {
                private boolean ended;

                @Override
                public boolean hasNext() {
                  if (!all.hasNext() && !ended) {
                    ended = true;
                    inbox.claim(other, Message.builder("end").source("file-1").build());
                  }
                  return all.hasNext();
                }

                @Override
                public byte[] next() {
                  return all.next();
                }
              },
              noting);
      assertThat(busy.handled()).isEqualTo(3);
      assertThat(busy.ended()).as("another transaction holds the end").isFalse();
      Outcome.InFlight<?> end = as(Outcome.InFlight.class, busy.open().get(0));
      assertThat(busy.open()).hasSize(1);
      assertThat(end.key().source()).isEqualTo("file-1");
      assertThat(end.key().messageId()).isEqualTo("end");
      assertThat(end.retryAfter()).isPositive();
      other.rollback();
    }
    assertThat(batch.process(parts(3), noting)).isEqualTo(new Run(false, 0, 3, 0, List.of()));
    assertThat(batch.process(parts(3), noting).endedBefore()).isTrue();
    assertThat(books.balance()).isEqualTo(3);
  }

  @Test
  void batchesHaveIdsOfTheirOwn() {
    Inbox inbox = open();
    assertThat(inbox.batch("file-1").process(parts(3), noting).handled()).isEqualTo(3);
    assertThat(inbox.batch("file-2").process(parts(3), noting).handled()).isEqualTo(3);
    assertThat(inbox.batch("empty").process(parts(0), noting).ended()).isTrue();
    assertThat(inbox.batch("empty").process(parts(9), noting).endedBefore()).isTrue();
  }

  @Test
  void refusesIdsAndSizesItCannotKeep() {
    Inbox inbox = open();
    assertThatThrownBy(() -> inbox.batch(" x")).isInstanceOf(InvalidMessageException.class);
    assertThatThrownBy(() -> inbox.batch(null))
        .isInstanceOf(InvalidMessageException.class)
        .hasMessageContaining("IBX-137");
    for (int size : new int[] {0, -1, 10_001, 1_000_000_000}) {
      assertThatThrownBy(() -> inbox.batch("x").partsPerTransaction(size))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("IBX-205")
          .hasMessageContaining("1 to 10,000");
    }
  }
}
