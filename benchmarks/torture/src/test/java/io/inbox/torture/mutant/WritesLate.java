package io.inbox.torture.mutant;

import io.inbox.Inbox;
import io.inbox.torture.worker.Wiring;

/** Opens H2 with its default write delay, and says that this is fine. */
public final class WritesLate extends Wiring {
  @Override
  public String url(String url) {
    return url.replace("WRITE_DELAY=0", "WRITE_DELAY=500");
  }

  @Override
  public Inbox.Builder inbox(Inbox.Builder builder) {
    return super.inbox(builder).allowReducedDurability();
  }
}
