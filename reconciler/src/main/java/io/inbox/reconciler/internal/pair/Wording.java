package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.spi.Sighting;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with a key. */
final class Wording {
  private final PairPlan plan;
  private final Shape shape;

  Wording(PairPlan plan, Shape shape) {
    this.plan = plan;
    this.shape = shape;
  }

  Sighting sighting(Drift drift, ItemKey key, Evidence evidence) {
    @Nullable Handling handling = evidence.handling();
    return Sighting.error(drift.name(), key.key())
        .consumer(plan.consumer)
        .tenant(shape.tenant() ? key.tenant() : plan.tenant)
        .source(shape.source() ? key.source() : plan.source)
        .cause(cause(drift, evidence))
        .detail(detail(drift, evidence))
        .happenedAt(handling == null ? null : handling.last())
        .build();
  }

  private String cause(Drift drift, Evidence evidence) {
    return switch (drift) {
      case HANDLED_WITHOUT_EFFECT ->
          evidence.effect().count() == 0 ? "no effect" : "fewer effects than handlings";
      case EFFECT_WITHOUT_HANDLING ->
          evidence.handling() != null && evidence.handling().isGivenUp()
              ? "the message was given up"
              : "never handled";
      case EFFECT_TWICE -> "more effects than handlings";
      case VALUE_DRIFT -> String.join(", ", differing(evidence)) + " differs";
    };
  }

  private String detail(Drift drift, Evidence evidence) {
    @Nullable Handling handling = evidence.handling();
    StringBuilder detail = new StringBuilder();
    detail.append(evidence.inbox().count()).append(" handled");
    if (handling != null && handling.last() != null) {
      detail.append(" (").append(handling.last()).append(')');
    }
    detail.append(", ").append(evidence.effect().count()).append(" effects");
    // The key's own parts are known only here where they are no part of what is compared.
    if (handling != null && !shape.bySubject()) {
      append(detail, "tenant", shape.tenant() ? null : handling.tenant());
      append(detail, "source", shape.source() ? null : handling.source());
    }
    if (drift == Drift.VALUE_DRIFT) {
      for (String difference : differences(evidence)) {
        detail.append("; ").append(difference);
      }
    }
    return detail.toString();
  }

  private static void append(StringBuilder detail, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      detail.append("; ").append(name).append(' ').append(value);
    }
  }

  private List<String> differing(Evidence evidence) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < shape.values().size(); i++) {
      if (!same(evidence, i)) {
        names.add(shape.values().get(i).label());
      }
    }
    return names.isEmpty() ? List.of("a value") : names;
  }

  /** A result may hold what is nobody's business, so it is not shown. */
  private List<String> differences(Evidence evidence) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < shape.values().size(); i++) {
      Value value = shape.values().get(i);
      if (!same(evidence, i) && value != Value.RESULT) {
        texts.add(
            value.label()
                + " handled "
                + first(evidence.inbox(), i)
                + ", effect "
                + first(evidence.effect(), i));
      }
    }
    return texts;
  }

  private static boolean same(Evidence evidence, int value) {
    return Objects.equals(first(evidence.inbox(), value), first(evidence.effect(), value));
  }

  private static @Nullable String first(Tally tally, int value) {
    return tally.values().isEmpty() ? null : tally.values().get(0).get(value);
  }
}
