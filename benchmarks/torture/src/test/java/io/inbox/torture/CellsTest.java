package io.inbox.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.testkit.PostgresServer;
import io.inbox.torture.check.Evidence.Strike;
import io.inbox.torture.database.Database;
import io.inbox.torture.driver.Verdict;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.fault.FaultKind;
import io.inbox.torture.fault.FaultKind.Where;
import io.inbox.torture.fault.Schedule;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.worker.Wiring;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every kind of fault at every point where it can strike, one by one: what the delivery that was
 * aimed at is answered must be what that cell expects.
 */
@Tag("long")
@Timeout(900)
class CellsTest {
  private static final long SEED = 1;

  @Test
  void everyCellEndsAsItShould() throws Exception {
    List<FaultKind> kinds =
        Arrays.stream(FaultKind.values())
            .filter(kind -> kind.where() == Where.POINT || kind.where() == Where.RELAY_POINT)
            .toList();
    List<Fault> faults = Schedule.systematic(SEED, kinds, 1);
    Verdict verdict;
    try (PostgresServer server =
            PostgresServer.start(PostgresServer.NEWEST, Map.of("deadlock_timeout", "200ms"));
        Database database = Database.on(server)) {
      verdict =
          Runs.inProcesses(
              "cells",
              database,
              new Plan(SEED, 200_000, false),
              SEED,
              faults,
              true,
              3,
              Wiring.class);
    }
    assertThat(verdict.violated()).as(Runs.told(verdict)).isEmpty();
    assertThat(verdict.struck().stream().map(Strike::fault))
        .as(Runs.told(verdict))
        .containsExactlyInAnyOrderElementsOf(faults);
  }
}
