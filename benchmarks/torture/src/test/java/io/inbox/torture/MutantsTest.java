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
import io.inbox.torture.mutant.BucketsByArrival;
import io.inbox.torture.mutant.CollectsAtOnce;
import io.inbox.torture.mutant.CollectsByOwnClock;
import io.inbox.torture.mutant.CommitsEachStatement;
import io.inbox.torture.mutant.ComparesTooFew;
import io.inbox.torture.mutant.CutsIdsShort;
import io.inbox.torture.mutant.DeletesWithoutEpoch;
import io.inbox.torture.mutant.IgnoresWarnings;
import io.inbox.torture.mutant.LeavesTenantOut;
import io.inbox.torture.mutant.MovesUnfenced;
import io.inbox.torture.mutant.OrdersByTransaction;
import io.inbox.torture.mutant.OverlooksMissing;
import io.inbox.torture.mutant.PublishesBeforeCommit;
import io.inbox.torture.mutant.ReadsBehindWatermark;
import io.inbox.torture.mutant.RepeatsTheStatement;
import io.inbox.torture.mutant.ResolvesBySelect;
import io.inbox.torture.mutant.SharesUnguarded;
import io.inbox.torture.mutant.SkipsLocked;
import io.inbox.torture.mutant.SortsNot;
import io.inbox.torture.mutant.TakesAllForFirst;
import io.inbox.torture.mutant.TakesDoubtForDone;
import io.inbox.torture.mutant.Unguarded;
import io.inbox.torture.mutant.WritesLate;
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
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Proves that the checkers bite: whatever is deliberately wrong is noticed, by the checker whose
 * business it is.
 */
@Tag("long")
@Timeout(600)
class MutantsTest {
  private static final long SEED = 20_261_128;

  /** A mistake need not show in every run, and threads do not repeat what a seed cannot decide. */
  private static final int SEEDS = 6;

  private static PostgresServer server;

  /** A mistake, what brings it to light, and who must notice it. */
  @SuppressWarnings("ImmutableEnumChecker") // the lists are, but their type does not say so
  enum Mutant {
    ACKNOWLEDGES_FIRST(AcknowledgesFirst.class, Where.HERE, 1_500, Invariant.I4, FaultKind.THROW),
    COMMITS_EACH_STATEMENT(
        CommitsEachStatement.class, Where.HERE, 500, Invariant.I3, FaultKind.THROW),
    UNGUARDED(Unguarded.class, Where.HERE, 1_500, Invariant.I4, FaultKind.SWALLOW),
    UNGUARDED_ON_H2(Unguarded.class, Where.H2, 1_500, Invariant.I1, FaultKind.SWALLOW),
    TAKES_ALL_FOR_FIRST(TakesAllForFirst.class, Where.HERE, 1_500, Invariant.I2),
    LEAVES_TENANT_OUT(LeavesTenantOut.class, Where.HERE, 1_500, Invariant.I12),
    CUTS_IDS_SHORT(CutsIdsShort.class, Where.HERE, 1_500, Invariant.I3),
    COLLECTS_AT_ONCE(CollectsAtOnce.class, Where.HERE, 3_000, Invariant.I2),
    COLLECTS_BY_OWN_CLOCK(CollectsByOwnClock.class, Where.HERE, 1_500, Invariant.I9),
    OVERLOOKS_MISSING(OverlooksMissing.class, Where.HERE, 1_500, Invariant.I10),
    COMPARES_TOO_FEW(ComparesTooFew.class, Where.HERE, 6_000, Invariant.I10),
    REPEATS_THE_STATEMENT(
        RepeatsTheStatement.class, Where.H2, 1_500, Invariant.I4, FaultKind.SERIALIZATION),
    SORTS_NOT(SortsNot.class, Where.HERE, 3_000, Invariant.CALM, FaultKind.BATCH_AT_ONCE),
    RESOLVES_BY_SELECT(
        ResolvesBySelect.class, Where.HERE, 1_500, Invariant.I2, FaultKind.COMMIT_LATE),
    IGNORES_WARNINGS(
        IgnoresWarnings.class, Where.ONE_BY_ONE, 20, Invariant.CELL, FaultKind.SYNC_WAIT_CANCELLED),
    PUBLISHES_BEFORE_COMMIT(
        PublishesBeforeCommit.class, Where.HERE, 1_500, Invariant.I6, FaultKind.TERMINATE_AT),
    READS_BEHIND_WATERMARK(
        ReadsBehindWatermark.class, Where.HERE, 3_000, Invariant.I6, FaultKind.PAUSE_AT),
    ORDERS_BY_TRANSACTION(
        OrdersByTransaction.class, Where.HERE, 6_000, Invariant.I5, FaultKind.LOCKED_ACCOUNTS),
    SKIPS_LOCKED(SkipsLocked.class, Where.HERE, 3_000, Invariant.I5, FaultKind.RECEIVER_SLOW),
    DELETES_WITHOUT_EPOCH(
        DeletesWithoutEpoch.class, Where.PROCESSES, 8_000, Invariant.I8, FaultKind.ZOMBIE_RELAY_AT),
    BUCKETS_BY_ARRIVAL(BucketsByArrival.class, Where.HERE, 1_500, Invariant.I2),
    SHARES_UNGUARDED(SharesUnguarded.class, Where.HERE, 1_500, Invariant.I4, FaultKind.SWALLOW),
    TAKES_DOUBT_FOR_DONE(
        TakesDoubtForDone.class, Where.HERE, 1_500, Invariant.I4, FaultKind.CUT_REQUEST_AT),
    MOVES_UNFENCED(
        MovesUnfenced.class, Where.PROCESSES, 8_000, Invariant.I2, FaultKind.PAUSE_PAST_LEASE),
    WRITES_LATE(WritesLate.class, Where.H2_PROCESS, 2_000, Invariant.I4, FaultKind.KILL);

    private final Class<? extends Wiring> wiring;
    private final Where where;
    private final int deliveries;
    private final Invariant noticed;
    private final List<FaultKind> kinds;

    Mutant(
        Class<? extends Wiring> wiring,
        Where where,
        int deliveries,
        Invariant noticed,
        FaultKind... kinds) {
      this.wiring = wiring;
      this.where = where;
      this.deliveries = deliveries;
      this.noticed = noticed;
      this.kinds = List.of(kinds);
    }

    /** Where it runs. */
    private enum Where {
      HERE,
      ONE_BY_ONE,
      PROCESSES,
      H2,
      H2_PROCESS
    }

    private List<Fault> faults(long seed) {
      int points = kinds.stream().mapToInt(kind -> kind.points().size()).max().orElse(0);
      return kinds.isEmpty()
          ? List.of()
          : Schedule.random(
              seed, kinds, deliveries, Math.max(Math.max(4, points), deliveries / 1_000));
    }

    private Verdict run(long seed) throws Exception {
      String name = "mutant-" + name().toLowerCase(Locale.ROOT) + "-" + seed;
      boolean h2 = where == Where.H2 || where == Where.H2_PROCESS;
      try (Database database =
          h2 ? Database.open("h2", Runs.HOME.resolve(name)) : Database.on(server)) {
        return switch (where) {
          case HERE, H2 -> Runs.here(name, database, deliveries, seed, faults(seed), wiring);
          case PROCESSES, H2_PROCESS ->
              Runs.inProcesses(
                  name,
                  database,
                  Plan.of(Wiring.of(wiring.getName()).mode(), seed, deliveries),
                  seed,
                  faults(seed),
                  false,
                  h2 ? 1 : 2,
                  wiring);
          case ONE_BY_ONE ->
              Runs.inProcesses(
                  name,
                  database,
                  new Plan(seed, 100_000, false),
                  seed,
                  Schedule.systematic(seed, kinds, 2),
                  true,
                  1,
                  wiring);
        };
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
    Verdict verdict = mutant.run(SEED);
    for (int more = 1; more < SEEDS && !verdict.violated().contains(mutant.noticed); more++) {
      verdict = mutant.run(SEED + more);
    }
    assertThat(verdict.violated()).as(Runs.told(verdict)).contains(mutant.noticed);
  }
}
