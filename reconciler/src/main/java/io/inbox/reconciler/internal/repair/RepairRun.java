package io.inbox.reconciler.internal.repair;

import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.reconciler.RepairAction;
import io.inbox.reconciler.RepairItem;
import io.inbox.reconciler.RepairOrder;
import io.inbox.reconciler.RepairResult;
import io.inbox.reconciler.internal.database.Database;
import io.inbox.reconciler.internal.pair.EffectProbe;
import io.inbox.reconciler.internal.pair.PairPlan;
import io.inbox.spi.SqlError;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Carries out one order, or says what it would do; a transaction for each item. */
public final class RepairRun {
  private static final int ROUNDS = 5;

  private final Database database;
  private final RepairOrder order;
  private final RepairRows repairs;
  private final Subjects subjects;
  private final Fix fix;

  public RepairRun(
      Database database, DataSource dataSource, List<PairPlan> plans, RepairOrder order) {
    this.database = database;
    this.order = order;
    this.repairs = new RepairRows(database.tables());
    EffectJudge judge = new EffectJudge(new EffectProbe(database.store(), dataSource), plans);
    this.subjects = new Subjects(database.tables(), order.action(), judge);
    this.fix = fix(judge);
  }

  private Fix fix(EffectJudge judge) {
    KeyRows keys = new KeyRows(database.tables());
    RepairAction action = order.action();
    if (action instanceof RepairAction.ReOpen) {
      return new ReOpenFix(database, keys, judge, order.insisting());
    }
    if (action instanceof RepairAction.Backfill) {
      return new BackfillFix(database, keys, judge, order.insisting());
    }
    if (action instanceof RepairAction.ReSend again) {
      return new ReSendFix(database, again.outbox(), judge, order);
    }
    return new ReplayFix(
        (RepairAction.Replay) action, new LetterRows(database.tables()), repairs, order);
  }

  public List<RepairResult> preview(List<RepairItem> items) {
    return each(items, false);
  }

  public List<RepairResult> apply(List<RepairItem> items) {
    return each(items, true);
  }

  private List<RepairResult> each(List<RepairItem> items, boolean apply) {
    List<RepairResult> results = new ArrayList<>();
    @Nullable String lost = null;
    for (RepairItem item : items) {
      if (lost != null) {
        results.add(new RepairResult.Failed(item, item.toString(), "not tried: " + lost));
        continue;
      }
      try {
        results.add(one(item, apply));
      } catch (InboxException e) {
        String why = String.valueOf(e.getMessage());
        results.add(new RepairResult.Failed(item, item.toString(), why));
        lost = e instanceof RetryLaterException ? why : null; // trying on would only take long
      }
    }
    return results;
  }

  private RepairResult one(RepairItem item, boolean apply) {
    for (int round = 1; ; round++) {
      try {
        return attempt(item, apply);
      } catch (InboxException e) {
        throw e;
      } catch (Exception e) {
        SqlError error = SqlError.of(e);
        boolean lostRace =
            error == SqlError.RETRY
                || error == SqlError.UNIQUE_VIOLATION
                || error == SqlError.LOCK_TIMEOUT;
        if (!lostRace || round == ROUNDS) {
          throw database.translated(e);
        }
      }
    }
  }

  private RepairResult attempt(RepairItem item, boolean apply) throws Exception {
    Subject subject;
    try {
      subject = database.attempt(connection -> subjects.of(connection, item));
    } catch (NotDone notDone) {
      return result(new Subject(item, null, null, null), notDone.verdict());
    }
    boolean inOne = apply && !(fix instanceof ReplayFix);
    try {
      Done done = database.attempt(connection -> inTransaction(connection, subject, inOne));
      if (apply && fix instanceof ReplayFix replay) {
        return replay.carryOut(subject, done.ready());
      }
      return apply
          ? new RepairResult.Repaired(
              item, subject.about(), done.repair(), done.ready().before(), done.ready().after())
          : result(subject, done.ready());
    } catch (NotDone notDone) {
      return result(subject, notDone.verdict());
    }
  }

  /** What was done, with its record, which is 0 where nothing was written. */
  private record Done(Verdict.Ready ready, long repair) {}

  private Done inTransaction(Connection connection, Subject subject, boolean write)
      throws Exception {
    if (!subject.tenant().isEmpty()) {
      database.store().enter(connection, subject.tenant());
    }
    if (subject.finding() != null) {
      repairs.open(connection, subject.finding(), write);
    }
    Verdict verdict = fix.on(connection, subject, write);
    if (!(verdict instanceof Verdict.Ready ready)) {
      throw new NotDone(verdict);
    }
    Optional<String> planned = order.planned(subject.item());
    if (planned.isPresent() && !planned.get().equals(ready.before())) {
      throw new NotDone(
          new Verdict.Skip("it has changed since the plan: now it is " + ready.before()));
    }
    return new Done(ready, write ? repairs.done(connection, subject, order, ready) : 0);
  }

  static RepairResult result(Subject subject, Verdict verdict) {
    if (verdict instanceof Verdict.Ready ready) {
      return new RepairResult.Planned(
          subject.item(), subject.about(), ready.before(), ready.after());
    }
    return verdict instanceof Verdict.Skip skip
        ? new RepairResult.Skipped(subject.item(), subject.about(), skip.why())
        : new RepairResult.Refused(
            subject.item(), subject.about(), ((Verdict.Refuse) verdict).why());
  }
}
