package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.Finding;
import io.inbox.reconciler.internal.Session;
import io.inbox.reconciler.spi.CheckRun;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what was found before and not again in this run. A finding is gone because both sides
 * agree about its key, not because a run did not come across it: it may lie before the bounds by
 * now, or in buckets that this run left out.
 */
final class Recheck {
  static final String EFFECT_WITHOUT_KEY = "EFFECT_WITHOUT_KEY";

  private static final String AGREE = "both sides agree about it now";

  private final PairPlan plan;
  private final CheckRun run;
  private final InboxSide inbox;
  private final EffectSide effects;
  private final Shape shape;
  private final SecondLook look;
  private final PairFigures figures;
  private final Wording wording;

  Recheck(PairPlan plan, CheckRun run, InboxSide inbox, EffectSide effects, PairFigures figures) {
    this.plan = plan;
    this.run = run;
    this.inbox = inbox;
    this.effects = effects;
    this.shape = effects.shape();
    this.look = new SecondLook(run, plan, inbox, effects);
    this.figures = figures;
    this.wording = new Wording(plan, shape);
  }

  void findings() throws Exception {
    @Nullable Instant horizon;
    try (Session session = Session.open(run.dataSource())) {
      horizon = inbox.consumer(session).purgeHorizon();
    }
    long after = 0;
    while (!run.timeIsUp()) {
      List<Finding> page = run.unseen(after, Judge.AT_A_TIME);
      if (page.isEmpty()) {
        return;
      }
      after = page.get(page.size() - 1).id();
      Map<Finding, ItemKey> keys = new LinkedHashMap<>();
      for (Finding finding : page) {
        if (finding.kind().equals(EFFECT_WITHOUT_KEY)) {
          withoutKey(finding);
        } else if (isOurs(finding)) {
          keys.put(finding, key(finding));
        }
      }
      recheck(keys, horizon);
    }
    run.stopped("the time is up");
  }

  private void withoutKey(Finding finding) throws Exception {
    if (figures.sawEveryKeylessEffect()) {
      run.gone(finding, "every effect has a key now");
    }
  }

  private boolean isOurs(Finding finding) {
    return Arrays.stream(Drift.values()).anyMatch(it -> it.name().equals(finding.kind()))
        && finding.consumer().orElse("").equals(plan.consumer)
        && finding.tenant().isPresent() == (shape.tenant() || plan.tenant != null)
        && finding.source().isPresent() == (shape.source() || plan.source != null);
  }

  private ItemKey key(Finding finding) {
    return new ItemKey(
        finding.item(),
        shape.tenant() ? finding.tenant().orElse("") : "",
        shape.source() ? finding.source().orElse("") : "");
  }

  private void recheck(Map<Finding, ItemKey> keys, @Nullable Instant horizon) throws Exception {
    if (keys.isEmpty()) {
      return;
    }
    Map<ItemKey, Evidence> seen = look.findings(new ArrayList<>(keys.values()));
    for (Map.Entry<Finding, ItemKey> entry : keys.entrySet()) {
      Finding finding = entry.getKey();
      Evidence evidence = Objects.requireNonNull(seen.get(entry.getValue()));
      @Nullable Drift drift = evidence.drift();
      if (!effects.canLookFurther() && evidence.effect().count() == 0) {
        leftOut(finding, evidence);
      } else if (drift == null) {
        if (!mayHaveBeenCollected(finding, evidence, horizon)) {
          run.gone(finding, evidence.handling() == null ? "neither side knows it any more" : AGREE);
        }
      } else if (drift.name().equals(finding.kind())) {
        run.stillThere(finding);
      } else {
        run.gone(finding, "it has become " + drift);
        run.found(wording.sighting(drift, entry.getValue(), evidence));
      }
    }
  }

  /** A file of other days says nothing by leaving a key out. */
  private void leftOut(Finding finding, Evidence evidence) throws Exception {
    if (finding.kind().equals(Drift.EFFECT_WITHOUT_HANDLING.name())
        && evidence.inbox().count() > 0) {
      run.gone(finding, "it was handled meanwhile");
    }
  }

  /** A missing effect is not repaired by forgetting that there should be one. */
  private static boolean mayHaveBeenCollected(
      Finding finding, Evidence evidence, @Nullable Instant horizon) {
    return finding.kind().equals(Drift.HANDLED_WITHOUT_EFFECT.name())
        && evidence.handling() == null
        && horizon != null
        && finding.happenedAt().map(at -> at.isBefore(horizon)).orElse(true);
  }
}
