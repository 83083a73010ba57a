package io.inbox.torture.mutant;

import io.inbox.reconciler.PairCheck;
import io.inbox.torture.worker.Wiring;
import java.time.Duration;

/** Compares in one direction only: what was handled and has no effect goes unnoticed. */
public final class OverlooksMissing extends Wiring {
  @Override
  protected PairCheck.Builder check(String consumer, Duration reach) {
    return super.check(consumer, reach).ignoreMissingEffects();
  }
}
