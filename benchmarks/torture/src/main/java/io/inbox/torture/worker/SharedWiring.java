package io.inbox.torture.worker;

import io.inbox.GroupCommit;
import io.inbox.Inbox;
import io.inbox.torture.plan.Mode;

/** Lets concurrent deliveries share transactions, one at a time so that they do. */
public class SharedWiring extends Wiring {
  /** Creates one. */
  public SharedWiring() {}

  @Override
  public final Mode mode() {
    return Mode.SHARED;
  }

  @Override
  public Inbox.Builder inbox(Inbox.Builder builder) {
    return super.inbox(builder).groupCommit(GroupCommit.ofDefaults().transactions(1));
  }
}
