package io.inbox.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.inbox.testkit.PostgresServer;
import io.inbox.torture.check.Invariant;
import io.inbox.torture.database.Database;
import io.inbox.torture.driver.Verdict;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.fault.FaultKind;
import io.inbox.torture.fault.Schedule;
import io.inbox.torture.mutant.AcknowledgesFirst;
import io.inbox.torture.mutant.CommitsEachStatement;
import io.inbox.torture.mutant.LeavesTenantOut;
import io.inbox.torture.mutant.ResolvesBySelect;
import io.inbox.torture.mutant.SortsNot;
import io.inbox.torture.mutant.TakesAllForFirst;
import io.inbox.torture.mutant.Unguarded;
import io.inbox.torture.worker.Wiring;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Proves that the checkers bite: whatever is deliberately wrong is noticed, by the checker whose
 * business it is.
 */
@Timeout(600)
class MutantsTest {
  private static final long SEED = 20_261_128;

  private static PostgresServer server;

  /** A mistake, what brings it to light, and who must notice it. */
  @SuppressWarnings("ImmutableEnumChecker") // the lists are, but their type does not say so
  enum Mutant {
    ACKNOWLEDGES_FIRST(AcknowledgesFirst.class, 1_500, Invariant.I4, FaultKind.THROW),
    COMMITS_EACH_STATEMENT(CommitsEachStatement.class, 1_500, Invariant.I3, FaultKind.THROW),
    UNGUARDED(Unguarded.class, 1_500, Invariant.I4, FaultKind.SWALLOW),
    UNGUARDED_ON_H2(Unguarded.class, 1_500, Invariant.I1, FaultKind.SWALLOW),
    TAKES_ALL_FOR_FIRST(TakesAllForFirst.class, 1_500, Invariant.I2),
    LEAVES_TENANT_OUT(LeavesTenantOut.class, 1_500, Invariant.I12),
    SORTS_NOT(SortsNot.class, 3_000, Invariant.CALM, FaultKind.BATCH_AT_ONCE),
    RESOLVES_BY_SELECT(ResolvesBySelect.class, 1_500, Invariant.I2, FaultKind.COMMIT_LATE);

    private final Class<? extends Wiring> wiring;
    private final int deliveries;
    private final Invariant noticed;
    private final List<FaultKind> kinds;

    Mutant(Class<? extends Wiring> wiring, int deliveries, Invariant noticed, FaultKind... kinds) {
      this.wiring = wiring;
      this.deliveries = deliveries;
      this.noticed = noticed;
      this.kinds = List.of(kinds);
    }

    private List<Fault> faults() {
      return kinds.isEmpty()
          ? List.of()
          : Schedule.random(SEED, kinds, deliveries, Math.max(4, deliveries / 400));
    }

    private Verdict run() throws Exception {
      String name = "mutant-" + name().toLowerCase(Locale.ROOT);
      boolean h2 = this == UNGUARDED_ON_H2;
      try (Database database = h2 ? Database.open("h2", Runs.HOME) : Database.on(server)) {
        return Runs.here(name, database, deliveries, SEED, faults(), wiring);
      }
    }
  }

  @BeforeAll
  static void startServer() {
    server = PostgresServer.start(PostgresServer.NEWEST, Map.of("deadlock_timeout", "200ms"));
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @ParameterizedTest
  @EnumSource
  void isNoticed(Mutant mutant) throws Exception {
    Verdict verdict = mutant.run();
    assertThat(verdict.violated()).as(Runs.told(verdict)).contains(mutant.noticed);
  }
}
