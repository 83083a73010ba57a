package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.spi.CheckRun;

/** Where the effects of a check come from. */
public interface EffectOrigin {
  /** Opens it for one run; asks what it has, and checks that it can be compared. */
  EffectSide open(CheckRun run, PairPlan plan) throws Exception;
}
