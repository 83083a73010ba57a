package io.inbox.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.testkit.PostgresServer;
import io.inbox.torture.database.Database;
import io.inbox.torture.driver.Verdict;
import io.inbox.torture.fault.FaultKind;
import io.inbox.torture.fault.Schedule;
import io.inbox.torture.plan.Mode;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.worker.Wiring;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The modes that {@link RandomRunTest} leaves out, under the faults that strike deliveries; those
 * of relays and receivers are the same in every mode. What a mode is about must have come to pass.
 */
@Tag("long")
@Timeout(600)
class ModesTest {
  private static final long SEED = 1;
  private static final int DELIVERIES = 4_000;
  private static final int WORKERS = 2;

  private static final List<FaultKind> KINDS =
      List.of(
          FaultKind.KILL_AT,
          FaultKind.TERMINATE_AT,
          FaultKind.CUT_REQUEST_AT,
          FaultKind.CUT_REPLY_AT,
          FaultKind.COMMIT_LATE,
          FaultKind.KILL_COMMIT,
          FaultKind.KILL_ANSWER,
          FaultKind.PAUSE_PAST_LEASE,
          FaultKind.SERVER_IMMEDIATE,
          FaultKind.REINDEX,
          FaultKind.THROW,
          FaultKind.SWALLOW,
          FaultKind.SERIALIZATION,
          FaultKind.AT_ONCE,
          FaultKind.BATCH_AT_ONCE,
          FaultKind.LOST_ACK);

  private static PostgresServer server;

  @BeforeAll
  static void startServer() {
    server = PostgresServer.start(PostgresServer.NEWEST, Map.of("deadlock_timeout", "200ms"));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "BUCKETS, days that have keys: [2-9]",
    "SHARED, transactions shared by several handlers: [1-9]",
    "QUERIES, handled by queries: [1-9]",
    "WATERMARKS, answers of owners that were fenced: [1-9]"
  })
  void everyInvariantHolds(Mode mode, String cameToPass) throws Exception {
    Verdict verdict;
    try (Database database = Database.on(server)) {
      verdict =
          Runs.inProcesses(
              "mode-" + mode.name().toLowerCase(Locale.ROOT),
              database,
              Plan.of(mode, SEED, DELIVERIES),
              SEED,
              Schedule.random(SEED, KINDS, DELIVERIES, KINDS.size()),
              false,
              WORKERS,
              Wiring.of(mode));
    }
    assertThat(verdict.violated()).as(Runs.told(verdict)).isEmpty();
    assertThat(verdict.struck()).as(Runs.told(verdict)).hasSize(KINDS.size());
    assertThat(String.join("\n", verdict.report())).containsPattern(cameToPass);
  }
}
