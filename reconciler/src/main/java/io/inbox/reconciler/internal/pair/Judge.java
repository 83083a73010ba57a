package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides about suspects by looking at them again. Where one commit writes both sides they are seen
 * in one snapshot, so one look decides. Elsewhere a suspect must differ in the same way twice in a
 * row, the second time after a wait: what still changes is not drift.
 */
final class Judge {
  static final int AT_A_TIME = 1_000;

  private static final int LOOKS = 4;

  private final PairPlan plan;
  private final CheckRun run;
  private final EffectSide effects;
  private final SecondLook look;
  private final PairFigures figures;
  private final Wording wording;

  Judge(PairPlan plan, CheckRun run, InboxSide inbox, EffectSide effects, PairFigures figures) {
    this.plan = plan;
    this.run = run;
    this.effects = effects;
    this.look = new SecondLook(run, plan, inbox, effects);
    this.figures = figures;
    this.wording = new Wording(plan, effects.shape());
  }

  /** Judges suspects and tells of those that are drift; returns why it could not, else null. */
  @Nullable String judge(Map<ItemKey, Evidence> suspects, Bounds bounds) throws Exception {
    if (suspects.isEmpty()) {
      return null;
    }
    Duration wait = wait(run);
    if (run.timeLeft().isPresent() && run.timeLeft().get().compareTo(wait) <= 0) {
      return "there was no time for a second look";
    }
    PairRun.pause(wait, run::timeIsUp);
    if (run.timeIsUp()) {
      return "there was no time for a second look";
    }
    Map<ItemKey, Evidence> open = suspects;
    for (int i = 0; i < LOOKS && !open.isEmpty(); i++) {
      open = lookAgain(open, bounds);
    }
    figures.undecided(open.size());
    return null;
  }

  private Duration wait(CheckRun run) {
    if (plan.lookAgainAfter != null) {
      return plan.lookAgainAfter;
    }
    return effects.isWhereTheInboxIs() ? Duration.ZERO : run.settle();
  }

  /** Returns those that differ otherwise than before. */
  private Map<ItemKey, Evidence> lookAgain(Map<ItemKey, Evidence> suspects, Bounds bounds)
      throws Exception {
    Map<ItemKey, Evidence> undecided = new LinkedHashMap<>();
    List<ItemKey> keys = new ArrayList<>(suspects.keySet());
    for (int i = 0; i < keys.size(); i += AT_A_TIME) {
      List<ItemKey> some = keys.subList(i, Math.min(keys.size(), i + AT_A_TIME));
      Map<ItemKey, Evidence> seen = look.suspects(some, bounds);
      for (ItemKey key : some) {
        decide(
            key,
            Objects.requireNonNull(suspects.get(key)),
            Objects.requireNonNull(seen.get(key)),
            bounds,
            undecided);
      }
    }
    return undecided;
  }

  private void decide(
      ItemKey key, Evidence before, Evidence now, Bounds bounds, Map<ItemKey, Evidence> undecided)
      throws Exception {
    @Nullable Drift drift = now.drift();
    if (drift == null || !plan.wants(drift) || isAtTheEdge(drift, now, bounds)) {
      figures.cleared();
    } else if (effects.isWhereTheInboxIs() || now.sameAs(before)) {
      run.found(wording.sighting(drift, key, now));
    } else {
      undecided.put(key, now);
    }
  }

  /** Where effects cannot be looked for beyond the bounds, one may be there. */
  private boolean isAtTheEdge(Drift drift, Evidence now, Bounds bounds) {
    if (effects.canLookFurther() || drift != Drift.HANDLED_WITHOUT_EFFECT) {
      return false;
    }
    Bounds certain = new Bounds(bounds.from().plus(plan.slack), bounds.to().minus(plan.slack));
    @Nullable Instant first = now.handling() == null ? null : now.handling().first();
    @Nullable Instant last = now.handling() == null ? null : now.handling().last();
    return first == null
        || last == null
        || first.isBefore(certain.from())
        || !last.isBefore(certain.to());
  }

  /** Tells of effects that have no key at all. */
  void withoutKey(long count, Bounds bounds) throws Exception {
    if (count > 0 && plan.unexplainedEffects) {
      run.found(
          Sighting.error(Recheck.EFFECT_WITHOUT_KEY, plan.name)
              .cause("effects without a key")
              .consumer(plan.consumer)
              .detail(
                  count
                      + " effects from "
                      + bounds.from()
                      + " to "
                      + bounds.to()
                      + " have no key (leave those that no message causes out of the query)")
              .build());
    }
  }
}
