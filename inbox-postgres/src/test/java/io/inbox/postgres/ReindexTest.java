package io.inbox.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.testkit.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The primary key is rebuilt concurrently, again and again, while keys are claimed. */
class ReindexTest {
  private static final int REBUILDS = 25;
  private static final int CONSUMERS = 4;
  private static final int BATCH = 5;

  @Test
  void rebuildingTheIndexShowsInNoOutcome() throws Exception {
    PaymentsDatabase database = PaymentsDatabase.on(PostgresServer.shared(PostgresServer.NEWEST));
    AtomicBoolean rebuilding = new AtomicBoolean(true);
    ExecutorService threads = Executors.newFixedThreadPool(CONSUMERS);
    try (HikariDataSource pool = database.pool(CONSUMERS);
        Inbox inbox = PaymentsDatabase.inbox("payments", pool).build()) {
      List<Future<Long>> running = new ArrayList<>();
      for (int i = 0; i < CONSUMERS; i++) {
        // Two consumers for each half, so that every key is claimed twice at about the same time.
        boolean batches = i < 2;
        running.add(threads.submit(() -> consume(inbox, batches, rebuilding)));
      }
      for (int i = 0; i < REBUILDS; i++) {
        database.execute("REINDEX INDEX CONCURRENTLY inbox.message_pkey");
      }
      rebuilding.set(false);
      long handled = 0;
      for (Future<Long> consumer : running) {
        handled += consumer.get();
      }

      assertThat(database.number("SELECT count(*) FROM applied")).isEqualTo(handled);
      assertThat(database.remembered("payments")).isEqualTo(handled);
      assertThat(database.number("SELECT count(DISTINCT message_id) FROM applied"))
          .isEqualTo(handled);
    } finally {
      rebuilding.set(false);
      threads.shutdown();
    }
  }

  /** Returns how many messages this consumer was the first to handle. */
  private static long consume(Inbox inbox, boolean batches, AtomicBoolean rebuilding) {
    long handled = 0;
    for (int next = 0; rebuilding.get(); next += BATCH) {
      int from = next;
      List<Message> messages =
          IntStream.range(from, from + BATCH)
              .mapToObj(i -> PaymentsDatabase.message((batches ? "batch-" : "single-") + i))
              .toList();
      for (Outcome<Void> outcome : deliver(inbox, messages, batches)) {
        assertThat(outcome).isInstanceOfAny(Outcome.Processed.class, Outcome.Duplicate.class);
        handled += outcome instanceof Outcome.Processed ? 1 : 0;
      }
    }
    return handled;
  }

  private static List<Outcome<Void>> deliver(Inbox inbox, List<Message> messages, boolean batches) {
    if (!batches) {
      return messages.stream()
          .map(message -> inbox.process(message, PaymentsDatabase.applying(message)))
          .toList();
    }
    return inbox.processBatch(
        messages,
        (fresh, tx) -> {
          for (Message message : fresh) {
            PaymentsDatabase.apply(tx, message);
          }
        });
  }
}
