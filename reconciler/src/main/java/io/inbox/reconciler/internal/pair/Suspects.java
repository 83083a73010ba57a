package io.inbox.reconciler.internal.pair;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Merges the rows of both sides and keeps the keys that differ. */
final class Suspects {
  static final int END = Integer.MAX_VALUE;

  private final Rows inbox;
  private final Rows effects;
  private final PairPlan plan;
  private final Map<ItemKey, Evidence> found = new LinkedHashMap<>();
  private @Nullable Row fromInbox;
  private @Nullable Row fromEffects;
  private long read;

  Suspects(Rows inbox, Rows effects, PairPlan plan) throws Exception {
    this.inbox = inbox;
    this.effects = effects;
    this.plan = plan;
    this.fromInbox = inbox.next();
    this.fromEffects = effects.next();
  }

  /**
   * Merges whole buckets until so many keys differ, or until told to stop; returns the first bucket
   * that was not merged, {@link #END} at the end.
   */
  int merge(int enough, BooleanSupplier stop) throws Exception {
    int bucket = -1;
    while (fromInbox != null || fromEffects != null) {
      int next = nextBucket();
      if (next != bucket && (found.size() >= enough || (bucket >= 0 && stop.getAsBoolean()))) {
        return next;
      }
      bucket = next;
      mergeKey(nextKey(bucket));
    }
    return END;
  }

  private int nextBucket() {
    int a = fromInbox == null ? END : fromInbox.bucket();
    int b = fromEffects == null ? END : fromEffects.bucket();
    return Math.min(a, b);
  }

  private ItemKey nextKey(int bucket) {
    @Nullable ItemKey a =
        fromInbox != null && fromInbox.bucket() == bucket ? fromInbox.key() : null;
    @Nullable ItemKey b =
        fromEffects != null && fromEffects.bucket() == bucket ? fromEffects.key() : null;
    if (a == null || b == null) {
      return Objects.requireNonNull(a == null ? b : a);
    }
    return a.compareTo(b) <= 0 ? a : b;
  }

  private void mergeKey(ItemKey key) throws Exception {
    Tally handled = new Tally();
    Tally effect = new Tally();
    while (fromInbox != null && fromInbox.key().equals(key)) {
      handled.add(fromInbox.values());
      fromInbox = inbox.next();
      read++;
    }
    while (fromEffects != null && fromEffects.key().equals(key)) {
      effect.add(fromEffects.values());
      fromEffects = effects.next();
      read++;
    }
    @Nullable Drift drift = Drift.between(handled, effect);
    if (drift != null && plan.wants(drift)) {
      found.put(key, new Evidence(Handling.seen(handled), effect));
    }
  }

  /** The keys that differ, with what was seen. */
  Map<ItemKey, Evidence> found() {
    return found;
  }

  /** How many rows were read from both sides. */
  long read() {
    return read;
  }
}
