package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.spi.SqlError;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of a pair check: count and checksum of each bucket on both sides, at the same time; then
 * the keys of the buckets that differ, merged; then a second look at the keys that differ.
 */
public final class PairRun {
  /** How many keys that differ are kept in memory before they are looked at again. */
  private static final int ENOUGH = 20_000;

  /** How much is compared first where rows are limited and nobody knows how many there are. */
  private static final int PROBE = HashRange.PARTS / 64;

  private static final int SMALLEST_STEP = 256;

  private static final long LOOK_UP_NANOS = 200_000_000;

  private final PairPlan plan;
  private final CheckRun run;
  private final EffectSide effects;
  private final InboxSide inbox;
  private final Bounds bounds;
  private final Buckets buckets;
  private final Side inboxSide;
  private final Side effectSide;
  private final Judge judge;
  private final PairFigures figures;
  private Position position;
  private long rowsLeft;
  private int begin;

  private PairRun(
      PairPlan plan,
      CheckRun run,
      EffectSide effects,
      InboxSide inbox,
      Bounds bounds,
      Hashing hashing) {
    this.plan = plan;
    this.run = run;
    this.effects = effects;
    this.inbox = inbox;
    this.bounds = bounds;
    this.buckets = hashing.buckets();
    this.inboxSide = inbox.side(hashing);
    this.effectSide = effects.side(hashing);
    this.figures = new PairFigures();
    this.judge = new Judge(plan, run, inbox, effects, figures);
    this.position = Position.of(run.checkpoint()).orElseGet(() -> Position.at(share()));
    this.rowsLeft = run.maxRows().orElse(Long.MAX_VALUE);
  }

  /** Runs a check once. */
  public static void of(PairPlan plan, CheckRun run) throws Exception {
    try (EffectSide effects = plan.effects.open(run, plan)) {
      ServerSql server;
      ConsumerRow consumer;
      String probe;
      long rows;
      try (Session session = Session.open(run.dataSource())) {
        server = ServerSql.of(session.connection());
        consumer = ConsumerRow.of(run.store().tables(), session, plan.consumer);
        probe = server.hasServerHash() ? server.hashProbe(session.connection()) : "";
        String table = run.store().tables().quoted("message");
        server.refuseHiddenRows(session.connection(), table);
        rows = server.rowsAbout(session.connection(), table);
      }
      HashKind kind = effects.agreesWith(server, probe) ? HashKind.SERVER : HashKind.DIGEST;
      InboxSide inbox = new InboxSide(run, plan, effects.shape(), server);
      new PairRun(plan, run, effects, inbox, bounds(plan, run, consumer), Hashing.of(kind, rows))
          .look();
    }
  }

  /** Never before the purge horizon: effects outlive the keys that were collected. */
  private static Bounds bounds(PairPlan plan, CheckRun run, ConsumerRow consumer) {
    Instant settled = run.now().minus(run.settle());
    Instant from = consumer.registeredAt();
    if (plan.from != null) {
      from = plan.from;
    } else if (plan.reach != null) {
      from = Times.later(from, run.now().minus(plan.reach));
    }
    if (consumer.purgeHorizon() != null) {
      from = Times.later(from, consumer.purgeHorizon().plus(plan.slack));
    }
    return new Bounds(from, plan.to == null ? settled : Times.earlier(plan.to, settled));
  }

  private void look() throws Exception {
    try {
      if (!bounds.isEmpty()) {
        compare();
      }
      if (!run.timeIsUp()) {
        new Recheck(plan, run, inbox, effects, figures).findings();
      }
    } catch (SQLException e) {
      if (SqlError.of(e) != SqlError.CANCELLED || !run.timeIsUp()) {
        throw e;
      }
      run.stopped("the time is up");
    } catch (OutOfTime e) {
      run.stopped("the time is up");
    } finally {
      figures.tell(run);
    }
  }

  /** What a run looks at that does not go on where another stopped. */
  private HashRange share() {
    int nth = plan.sameSample ? 0 : (int) (run.number() % plan.sampleOneIn);
    return new HashRange(
        (int) ((long) HashRange.PARTS * nth / plan.sampleOneIn),
        (int) ((long) HashRange.PARTS * (nth + 1) / plan.sampleOneIn));
  }

  private void compare() throws Exception {
    begin = position.next();
    while (!position.isAtTheEnd()) {
      int step = Math.min(position.end() - position.next(), affordable());
      if (step == 0 || run.timeIsUp()) {
        run.stopped(step == 0 ? "enough rows were compared" : "the time is up");
        return;
      }
      int end = position.next() + step;
      if (!pass(new HashRange(position.next(), end))) {
        return;
      }
      tell(end);
      if (end < position.end()) {
        save(position.movedTo(end));
      } else {
        position = position.movedTo(end);
        run.checkpoint(null); // the next run begins anew
      }
    }
  }

  /** How much may still be compared, as {@link HashRange} counts. */
  private int affordable() {
    OptionalLong budget = run.maxRows();
    if (budget.isEmpty()) {
      return position.step();
    }
    if (rowsLeft <= 0) {
      return 0;
    }
    if (position.rows() == 0) {
      return PROBE;
    }
    double perPart = (double) position.rows() / HashRange.PARTS;
    long affordable = perPart < 1e-9 ? HashRange.PARTS : (long) (rowsLeft / perPart);
    boolean begun = rowsLeft < budget.getAsLong();
    return (int) Math.min(position.step(), begun ? affordable : Math.max(1, affordable));
  }

  /** Compares a part of all keys; returns whether it came to its end. */
  private boolean pass(HashRange range) throws Exception {
    Both<Checksums> sums;
    try {
      sums =
          Both.of(
              run::timeIsUp,
              inboxSide,
              () -> inboxSide.checksums(bounds, range),
              effectSide,
              () -> effectSide.checksums(bounds, range));
    } catch (SQLException e) {
      if (SqlError.of(e) == SqlError.CANCELLED && run.timeIsUp()) {
        // Fewer at a time, so that the next run comes further.
        int fewer = Math.max(SMALLEST_STEP, range.size() / 4);
        save(position.withStep(fewer));
      }
      throw e;
    }
    figures.compared(sums, range);
    tell(range.first() + range.size() * 0.9); // what differs is left, and is little as a rule
    long most = Math.max(sums.inbox().rows(), sums.effects().rows());
    rowsLeft -= most;
    position = position.withRows(Math.max(1, most * HashRange.PARTS / range.size()));
    if (range.first() == 0) {
      judge.withoutKey(sums.effects().withoutKey(), bounds);
    }
    return merge(sums.inbox().differing(sums.effects()));
  }

  private boolean merge(BitSet differing) throws Exception {
    while (!differing.isEmpty()) {
      int next;
      Suspects suspects;
      Both<Rows> rows =
          Both.of(
              run::timeIsUp,
              inboxSide,
              () -> inboxSide.rows(bounds, differing),
              effectSide,
              () -> effectSide.rows(bounds, differing));
      try (Rows handled = rows.inbox();
          Rows effect = rows.effects()) {
        suspects = new Suspects(handled, effect, plan);
        next = suspects.merge(ENOUGH, run::timeIsUp);
      }
      figures.merged(suspects);
      @Nullable String why = judge.judge(suspects.found(), bounds);
      if (why != null) {
        run.stopped(why);
        return false;
      }
      differing.clear(0, Math.min(next, buckets.count()));
      if (!differing.isEmpty()) {
        int begin = buckets.begin(differing.nextSetBit(0));
        save(position.movedTo(Math.max(position.next(), begin)));
        if (run.timeIsUp()) {
          run.stopped("the time is up");
          return false;
        }
      }
    }
    return true;
  }

  private void tell(double place) {
    run.progress((place - begin) / Math.max(1, position.end() - begin), figures.rows());
  }

  private void save(Position at) throws SQLException {
    position = at;
    run.checkpoint(at.toString());
  }

  /** Waits, or until the run has to end; whoever interrupts ends it. */
  static void pause(Duration time, BooleanSupplier isOver) throws InterruptedException {
    ReentrantLock lock = new ReentrantLock();
    Condition never = lock.newCondition();
    long end = System.nanoTime() + time.toNanos();
    lock.lockInterruptibly();
    try {
      for (long left = time.toNanos(); left > 0 && !isOver.getAsBoolean(); ) {
        never.awaitNanos(Math.min(left, LOOK_UP_NANOS));
        left = end - System.nanoTime();
      }
    } finally {
      lock.unlock();
    }
  }
}
