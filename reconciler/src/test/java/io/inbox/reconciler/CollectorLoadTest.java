package io.inbox.reconciler;

import static io.inbox.reconciler.Rows.OLD;
import static io.inbox.reconciler.Rows.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.inbox.DuplicatePolicy;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.reconciler.JobResult.Done;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A hundred consumers whose batches meet the keys that a collector removes, on eight threads.
 *
 * <p>The system property {@code inbox.load.rounds} makes it longer.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class CollectorLoadTest {
  private static final int THREADS = 8;
  private static final int CONSUMERS = 100;
  private static final int KEYS = 60;
  private static final int ROUNDS = Integer.getInteger("inbox.load.rounds", 60);

  @ParameterizedTest
  @EnumSource
  void batchesAndTheCollectorDoNotDeadlockAndEveryEffectHappensOnce(Platform platform)
      throws Exception {
    long seed = Long.getLong("inbox.seed", System.nanoTime());
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    ExecutorService alone = Executors.newSingleThreadExecutor();
    try (Fixture database = platform.fresh();
        HikariDataSource pool = Platform.pool(database.url, THREADS + 2)) {
      database.execute(
          "CREATE TABLE applied (consumer VARCHAR(100) NOT NULL, id VARCHAR(100) NOT NULL)");
      List<Inbox> inboxes = new ArrayList<>();
      Rows rows = new Rows(database);
      for (int i = 0; i < CONSUMERS; i++) {
        inboxes.add(
            Inbox.builder("c" + i, database.store, pool)
                .window(WINDOW)
                .wait(Duration.ofSeconds(60))
                .onDuplicate(DuplicatePolicy.SKIP)
                .build());
      }
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger era = new AtomicInteger();
      Future<Long> collector =
          alone.submit(
              () -> {
                Collector all =
                    Collector.builder(database.store, database.dataSource)
                        .batchTarget(Duration.ofMillis(5))
                        .build();
                long collected = 0;
                while (!stop.get()) {
                  expired(database, rows, era.get() + 1);
                  era.incrementAndGet();
                  collected += ((Done<CollectorReport>) all.run()).value().messages();
                }
                return collected;
              });

      List<Future<?>> consumers = new ArrayList<>();
      for (int thread = 0; thread < THREADS; thread++) {
        Random random = new Random(seed + thread);
        consumers.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < ROUNDS; round++) {
                    deliver(inboxes.get(random.nextInt(CONSUMERS)), era.get(), random);
                  }
                  return null;
                }));
      }
      for (Future<?> consumer : consumers) {
        consumer.get();
      }
      stop.set(true);
      assertThat(collector.get()).as("keys removed, seed %d", seed).isPositive();
      assertThat(
              database.column("SELECT id FROM applied GROUP BY consumer, id HAVING COUNT(*) > 1"))
          .as("effects that happened twice, seed %d", seed)
          .isEmpty();
      assertThat(
              database.column(
                  "SELECT id FROM applied a WHERE NOT EXISTS (SELECT 1 FROM \"inbox\".\"message\" m WHERE"
                      + " m.\"consumer\" = a.consumer AND m.\"message_id\" = a.id)"))
          .as("effects whose key is gone within its window, seed %d", seed)
          .isEmpty();
      if (platform.isPostgres()) {
        database.execute("SELECT pg_stat_clear_snapshot()");
        assertThat(
                database.number(
                    "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
            .isZero();
      }
      inboxes.forEach(Inbox::close);
    } finally {
      threads.shutdownNow();
      alone.shutdownNow();
      assertThat(threads.awaitTermination(Fixture.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** Keys that were handled long ago, and that are removed while they are delivered again. */
  private static void expired(Fixture database, Rows rows, int era) throws Exception {
    String series =
        database.platform.isPostgres()
            ? "generate_series(0, %d) x (n), generate_series(0, %d) y (k)"
            : "SYSTEM_RANGE(0, %d) x (n), SYSTEM_RANGE(0, %d) y (k)";
    database.insert(
        "INSERT INTO \"inbox\".\"message\" (\"tenant\", \"consumer\", \"source\", \"message_id\","
            + " \"handled_at\") SELECT '', 'c' || n, 's', 'e%d-k' || k, CAST(? AS TIMESTAMP WITH TIME ZONE) FROM "
                .formatted(era)
            + series.formatted(CONSUMERS - 1, KEYS / 2),
        rows.before(OLD));
  }

  /** Each key is new, or was handled long ago, or was handled just now. */
  private static void deliver(Inbox inbox, int era, Random random) {
    List<Message> batch = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      batch.add(Message.builder("e" + era + "-k" + random.nextInt(KEYS)).source("s").build());
    }
    Collections.shuffle(batch, random);
    List<Outcome<Void>> outcomes =
        inbox.processBatch(
            batch,
            (fresh, tx) -> {
              try (PreparedStatement insert =
                  tx.connection().prepareStatement("INSERT INTO applied VALUES (?, ?)")) {
                for (Message message : fresh) {
                  insert.setString(1, inbox.consumer());
                  insert.setString(2, message.id());
                  insert.executeUpdate();
                }
              }
            });
    assertThat(outcomes)
        .allMatch(
            outcome ->
                outcome instanceof Outcome.Processed
                    || outcome instanceof Outcome.Duplicate
                    || outcome instanceof Outcome.InFlight);
  }
}
