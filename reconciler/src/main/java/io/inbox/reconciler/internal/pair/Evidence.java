package io.inbox.reconciler.internal.pair;

import org.jspecify.annotations.Nullable;

/**
 * What both sides say about one key, looked up by the key.
 *
 * @param handling what the inbox says, null where it knows nothing
 * @param effect how often the effect is there
 */
record Evidence(@Nullable Handling handling, Tally effect) {
  private static final Tally NEVER = new Tally();

  Tally inbox() {
    return handling == null ? NEVER : handling.tally();
  }

  @Nullable Drift drift() {
    return Drift.between(inbox(), effect);
  }

  boolean sameAs(Evidence other) {
    return inbox().sameAs(other.inbox()) && effect.sameAs(other.effect);
  }
}
