package io.inbox.reconciler;

import static io.inbox.reconciler.Rows.OLD;
import static io.inbox.reconciler.Rows.WINDOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.MessageKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A collector that is killed again and again.
 *
 * <p>The system properties {@code inbox.kills} and {@code inbox.seed} make it longer and repeat it.
 */
@Tag("long")
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class CollectorKilledTest {
  private static final int KILLS = Integer.getInteger("inbox.kills", 6);
  private static final int EACH = 4_000;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void killedAtRandomAndRunAgainItEndsInTheSameState(Platform platform) throws Exception {
    long seed = Long.getLong("inbox.seed", System.nanoTime());
    Random random = new Random(seed);
    Map<String, List<String>> undisturbed;
    try (Fixture database = open(platform, "undisturbed")) {
      fill(database);
      CollectorTest.run(CollectorTest.collector(database));
      undisturbed = left(database);
    }
    Fixture database = open(platform, "killed");
    fill(database);
    close(database);

    int kills = 0;
    boolean ended = false;
    while (!ended && kills < KILLS) {
      try (CollectorProcess collector = CollectorProcess.start(platform, database.url)) {
        ended = !collector.awaitBatches(1 + random.nextInt(4));
        LockSupport.parkNanos(random.nextInt(5_000_000)); // somewhere within the next batch
        collector.kill();
        kills++;
      }
    }
    assertThat(kills).as("kills before it came to its end, seed %d", seed).isGreaterThan(2);
    try (CollectorProcess collector = CollectorProcess.start(platform, database.url)) {
      assertThat(collector.awaitBatches(Integer.MAX_VALUE)).isFalse();
    }

    try (Fixture after = platform.isPostgres() ? database : open(platform, "killed")) {
      assertThat(left(after)).as("seed %d", seed).isEqualTo(undisturbed);
      assertThat(new Rows(after).due()).isEqualTo(2);
    }
  }

  private Fixture open(Platform platform, String name) {
    return platform.isPostgres() ? platform.fresh() : Platform.inFile(folder.resolve(name));
  }

  /** A database of H2 is the process's that works on it: killed, it takes the database along. */
  private static void close(Fixture database) {
    if (!database.platform.isPostgres()) {
      database.close();
    }
  }

  private static void fill(Fixture database) throws Exception {
    Rows rows = new Rows(database);
    rows.consumer("c", WINDOW).mixed(EACH);
    for (int i = 1; i <= 90; i++) {
      rows.result("old-" + i % 70 + "-" + i).kept("old-" + i % 70 + "-" + i, 1);
      rows.result("young-" + i % 70 + "-" + i).kept("young-" + i % 70 + "-" + i, 1);
      rows.attempt("old-" + i % 70 + "-" + i, OLD).attempt("young-" + i % 70 + "-" + i, OLD);
    }
    rows.letter("", "c", "old-1-1", null);
    Holds.open(database.store, database.dataSource)
        .place(Hold.Scope.of(new MessageKey("", "c", "s", "old-2-2")), "odd", "me");
  }

  private static Map<String, List<String>> left(Fixture database) throws Exception {
    Rows rows = new Rows(database);
    TreeMap<String, List<String>> left = new TreeMap<>();
    left.put("message", rows.messages());
    left.put("result", rows.left("result", "message_id"));
    left.put("outbox_kept", rows.left("outbox_kept", "handled_id"));
    left.put("attempt", rows.left("attempt", "message_id"));
    left.put("dead_letter", rows.left("dead_letter", "message_id"));
    return left;
  }
}
