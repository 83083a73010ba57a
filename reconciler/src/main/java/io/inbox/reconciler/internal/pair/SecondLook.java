package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks at keys again, by key.
 *
 * <p>The first look reads the two sides by two statements: what is committed between them is on one
 * side only. A message handled before the bounds may have its effect within them, or the other way
 * round. And what was collected meanwhile is gone from the inbox. So here the inbox is asked
 * whatever the time, and the effects with bounds that are wider by the slack.
 *
 * <p>An effect whose key the inbox does not know proves something only if its handling cannot have
 * been collected. The collector moves the purge horizon before, or in the transaction in which, it
 * deletes; so the horizon is read after the inbox, and such an effect counts only from the slack
 * after the horizon on.
 */
final class SecondLook {
  private final CheckRun run;
  private final PairPlan plan;
  private final InboxSide inbox;
  private final EffectSide effects;

  SecondLook(CheckRun run, PairPlan plan, InboxSide inbox, EffectSide effects) {
    this.run = run;
    this.plan = plan;
    this.inbox = inbox;
    this.effects = effects;
  }

  /** Looks at suspects of a check with these bounds. */
  Map<ItemKey, Evidence> suspects(Collection<ItemKey> keys, Bounds bounds) throws Exception {
    // What was handled after the bounds counts, too: it may be what the effect is of.
    Bounds wide =
        effects.canLookFurther()
            ? new Bounds(bounds.from().minus(plan.slack), run.now().plus(plan.slack))
            : bounds;
    return look(keys, wide, bounds);
  }

  /** Looks at findings from earlier runs, whenever they happened. */
  Map<ItemKey, Evidence> findings(Collection<ItemKey> keys) throws Exception {
    Bounds ever = new Bounds(Instant.EPOCH, run.now().plus(plan.slack));
    return look(keys, ever, null);
  }

  private Map<ItemKey, Evidence> look(
      Collection<ItemKey> keys, Bounds wide, @Nullable Bounds judged) throws Exception {
    try (Session snapshot = Session.snapshot(run.dataSource())) {
      Map<ItemKey, Handling> handled = inbox.find(snapshot, wide, keys);
      List<ItemKey> known = new ArrayList<>();
      List<ItemKey> unknown = new ArrayList<>();
      keys.forEach(key -> (isHandled(handled.get(key)) ? known : unknown).add(key));
      @Nullable Session shared = effects.isWhereTheInboxIs() ? snapshot : null;
      Map<ItemKey, Tally> found = new HashMap<>();
      if (!known.isEmpty()) {
        found.putAll(effects.find(shared, around(wide, handled.values()), known));
      }
      if (!unknown.isEmpty()) {
        Bounds certain = judged == null ? wide : certain(snapshot, judged, wide);
        boolean provesNothing =
            judged != null && !effects.canLookFurther() && certain.from().isAfter(judged.from());
        if (!certain.isEmpty() && !provesNothing) {
          found.putAll(effects.find(shared, certain, unknown));
        }
      }
      Map<ItemKey, Evidence> evidence = new HashMap<>();
      for (ItemKey key : keys) {
        @Nullable Tally effect = found.get(key);
        evidence.put(key, new Evidence(handled.get(key), effect == null ? new Tally() : effect));
      }
      return evidence;
    }
  }

  private static boolean isHandled(@Nullable Handling handling) {
    return handling != null && handling.tally().count() > 0;
  }

  /** The effect of a message handled long before the bounds may be there, too. */
  private Bounds around(Bounds wide, Collection<Handling> handled) {
    if (!effects.canLookFurther()) {
      return wide;
    }
    Instant from = wide.from();
    for (Handling handling : handled) {
      @Nullable Instant first = handling.first();
      if (first != null) {
        from = Times.earlier(from, first.minus(plan.slack));
      }
    }
    return new Bounds(from, wide.to());
  }

  private Bounds certain(Session snapshot, Bounds judged, Bounds wide) throws Exception {
    Instant from = judged.from();
    @Nullable Instant horizon = inbox.consumer(snapshot).purgeHorizon();
    if (horizon != null) {
      from = Times.later(from, horizon.plus(plan.slack));
    }
    return new Bounds(from, wide.to());
  }
}
