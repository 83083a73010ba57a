package io.inbox.reconciler.internal.pair;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a pair check was told to compare, and how. Filled by its builder, read afterwards. */
public final class PairPlan {
  public final String name;
  public final String consumer;
  public final boolean bySubject;
  public final EffectOrigin effects;
  public @Nullable String tenant;
  public @Nullable String source;
  public @Nullable Duration reach;
  public @Nullable Instant from;
  public @Nullable Instant to;
  public Duration slack = Duration.ofHours(1);
  public @Nullable Duration lookAgainAfter;
  public int sampleOneIn = 1;
  public boolean sameSample;
  public boolean missingEffects = true;
  public boolean unexplainedEffects = true;

  public PairPlan(String name, String consumer, boolean bySubject, EffectOrigin effects) {
    this.name = name;
    this.consumer = consumer;
    this.bySubject = bySubject;
    this.effects = effects;
  }

  boolean wants(Drift drift) {
    return switch (drift) {
      case HANDLED_WITHOUT_EFFECT -> missingEffects;
      case EFFECT_WITHOUT_HANDLING -> unexplainedEffects;
      case EFFECT_TWICE, VALUE_DRIFT -> true;
    };
  }
}
