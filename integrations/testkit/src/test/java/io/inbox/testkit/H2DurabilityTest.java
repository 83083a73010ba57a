package io.inbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Claim;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import java.sql.Connection;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * H2 shows a commit to other sessions before it is in the file. Whoever learns from it that a
 * message was handled must not say so before that: if the process were killed in between, the
 * message would be acknowledged and gone.
 */
@Timeout(120)
final class H2DurabilityTest {
  private static final Message MESSAGE = Message.of("1", null);

  private HikariDataSource pool;
  private Inbox inbox;

  @BeforeEach
  void open() {
    GatedFiles.register();
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(H2Database.inFile(";WRITE_DELAY=0").replace("jdbc:h2:", "jdbc:h2:gated:"));
    config.setMaximumPoolSize(6);
    pool = new HikariDataSource(config);
    InboxMigrations.on(pool).migrate();
    inbox = Inbox.builder("durability", PortableStore.create(), pool).build();
  }

  @AfterEach
  void close() {
    GatedFiles.open();
    inbox.close();
    pool.close();
  }

  @Test
  void aDuplicateWaitsUntilTheFirstIsInTheFile() throws Exception {
    waits(() -> inbox.process(MESSAGE, tx -> {}), Outcome.Duplicate.class);
  }

  @Test
  void aDuplicateOfABatchWaitsUntilTheFirstIsInTheFile() throws Exception {
    waits(
        () -> inbox.processBatch(List.of(MESSAGE), (fresh, tx) -> {}).get(0),
        Outcome.Duplicate.class);
  }

  @Test
  void theCommitAfterADuplicateClaimWaitsUntilTheFirstIsInTheFile() throws Exception {
    waits(
        () -> {
          try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            Claim claim = inbox.claim(connection, MESSAGE);
            connection.commit();
            return claim;
          }
        },
        Claim.Duplicate.class);
  }

  private void waits(Callable<Object> second, Class<?> answer) throws Exception {
    GatedFiles.close();
    FutureTask<Object> first = new FutureTask<>(() -> inbox.process(MESSAGE, tx -> {}));
    new Thread(first, "first").start();
    GatedFiles.awaitWriter();

    FutureTask<Object> again = new FutureTask<>(second);
    Thread thread = new Thread(again, "second");
    thread.start();
    while (!again.isDone() && !writes(thread)) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(again.isDone()).as("the first is not in the file yet").isFalse();

    GatedFiles.open();
    assertThat(first.get(60, TimeUnit.SECONDS)).isInstanceOf(Outcome.Processed.class);
    assertThat(again.get(60, TimeUnit.SECONDS)).isInstanceOf(answer);
  }

  /** It wants to write to the file, or waits for the one that does. */
  private static boolean writes(Thread thread) {
    return thread.getState() != Thread.State.RUNNABLE
        && Arrays.stream(thread.getStackTrace())
            .anyMatch(
                frame ->
                    frame.getClassName().equals("org.h2.mvstore.tx.Transaction")
                        && frame.getMethodName().equals("commit"));
  }
}
