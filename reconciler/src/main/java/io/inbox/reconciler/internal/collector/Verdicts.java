package io.inbox.reconciler.internal.collector;

import io.inbox.reconciler.Hold;
import io.inbox.reconciler.Retention.Rule;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides which rows may go, by their age, the rules and the holds. */
final class Verdicts {
  private final Target target;
  private final Due due;
  private final List<Rule> tenantRules;
  private final List<Hold> holds;

  Verdicts(Target target, Due due, List<Rule> tenantRules, List<Hold> holds) {
    this.target = target;
    this.due = due;
    this.tenantRules = tenantRules;
    this.holds = holds;
  }

  boolean isUnregistered(Candidate row) {
    return target == Target.MESSAGE && !due.cutoffs().containsKey(row.consumer);
  }

  boolean isDue(Candidate row) {
    @Nullable OffsetDateTime before = before(row);
    return row.since != null && before != null && row.since.isBefore(before) && !isHeld(row);
  }

  private @Nullable OffsetDateTime before(Candidate row) {
    return switch (target) {
      case DEAD_LETTER, OUTBOX_DEAD_LETTER -> due.settledBefore();
      case FINDING -> due.resolvedBefore();
      case MESSAGE, ATTEMPT -> {
        @Nullable OffsetDateTime before = due.cutoffs().get(row.consumer);
        for (Rule rule : tenantRules) {
          OffsetDateTime other = due.started().minus(due.margin()).minus(rule.keep());
          if (before != null
              && other.isBefore(before)
              && rule.namedTenant().orElseThrow().equals(row.tenant)
              && rule.namedConsumer().map(name -> name.equals(row.consumer)).orElse(true)) {
            before = other;
          }
        }
        yield before;
      }
    };
  }

  private boolean isHeld(Candidate row) {
    return holds.stream().map(Hold::scope).anyMatch(scope -> covers(scope, row));
  }

  private static boolean covers(Hold.Scope scope, Candidate row) {
    return matches(scope.consumer(), row.consumer)
        && matches(scope.tenant(), row.tenant)
        && matches(scope.source(), row.source)
        && matches(scope.messageId(), row.messageId)
        && matches(scope.subject(), row.subject);
  }

  private static boolean matches(@Nullable String held, @Nullable String found) {
    return held == null || held.equals(found);
  }
}
