package io.inbox.reconciler.internal.pair;

import org.jspecify.annotations.Nullable;

/** How the two sides of a key can differ. The names are the kinds of findings. */
enum Drift {
  HANDLED_WITHOUT_EFFECT,
  EFFECT_WITHOUT_HANDLING,
  EFFECT_TWICE,
  VALUE_DRIFT;

  /** Returns how a key differs, null where it does not. */
  static @Nullable Drift between(Tally inbox, Tally effect) {
    if (inbox.count() == 0) {
      return effect.count() == 0 ? null : EFFECT_WITHOUT_HANDLING;
    }
    if (effect.count() < inbox.count()) {
      return HANDLED_WITHOUT_EFFECT;
    }
    if (effect.count() > inbox.count()) {
      return EFFECT_TWICE;
    }
    return inbox.sameAs(effect) ? null : VALUE_DRIFT;
  }
}
