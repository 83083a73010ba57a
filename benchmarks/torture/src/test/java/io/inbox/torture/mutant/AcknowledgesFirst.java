package io.inbox.torture.mutant;

import io.inbox.torture.worker.Wiring;

/** Acknowledges, then handles. */
public final class AcknowledgesFirst extends Wiring {
  @Override
  public boolean acknowledgesFirst() {
    return true;
  }
}
