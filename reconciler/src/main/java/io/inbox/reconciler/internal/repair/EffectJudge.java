package io.inbox.reconciler.internal.repair;

import io.inbox.MessageKey;
import io.inbox.reconciler.Finding;
import io.inbox.reconciler.internal.pair.EffectProbe;
import io.inbox.reconciler.internal.pair.PairPlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells whether the effect of a key is there, as far as the checks know. */
final class EffectJudge {
  private final EffectProbe probe;
  private final List<PairPlan> plans;

  EffectJudge(EffectProbe probe, List<PairPlan> plans) {
    this.probe = probe;
    this.plans = plans;
  }

  /**
   * What is known.
   *
   * @param effects how many effects there are, of the check that has most
   * @param fault what that check says; null where both sides agree
   * @param values what the effect has beside the key
   */
  record Known(int effects, @Nullable String fault, Map<String, String> values) {}

  /** Asks the finding's check, or every check by message id of the key's consumer. */
  Optional<Known> ask(Subject subject, MessageKey key, Instant now) throws Exception {
    @Nullable Known known = null;
    for (PairPlan plan : plans) {
      if (!concerns(plan, subject.finding(), key)) {
        continue;
      }
      Optional<EffectProbe.Answer> answer =
          probe.ask(plan, now, key.messageId(), key.tenant(), key.source());
      if (answer.isPresent()) {
        int effects = answer.get().effects();
        known =
            known != null && known.effects() >= effects
                ? known
                : new Known(effects, answer.get().fault(), answer.get().values());
      }
    }
    return Optional.ofNullable(known);
  }

  private static boolean concerns(PairPlan plan, @Nullable Finding finding, MessageKey key) {
    if (plan.bySubject) {
      return false;
    }
    if (finding != null) {
      return plan.name.equals(finding.check());
    }
    return plan.consumer.equals(key.consumer())
        && (plan.tenant == null || plan.tenant.equals(key.tenant()))
        && (plan.source == null || plan.source.equals(key.source()));
  }

  /** Whether a finding is about a subject, whose messages are several. */
  boolean isBySubject(Subject subject) {
    @Nullable Finding finding = subject.finding();
    return finding != null
        && plans.stream().anyMatch(plan -> plan.bySubject && plan.name.equals(finding.check()));
  }
}
