package io.inbox.torture.mutant;

import io.inbox.spi.OutboxStatements;
import io.inbox.spi.Store;
import io.inbox.testkit.fault.ForwardingStore;
import io.inbox.torture.worker.Wiring;

/** The base of those whose outbox gets something wrong. */
abstract class OutboxWrongly extends Wiring {
  @Override
  public final Store store(Store store) {
    OutboxStatements wrong = wrong(store.outbox());
    return new ForwardingStore(store) {
      @Override
      public OutboxStatements outbox() {
        return wrong;
      }
    };
  }

  /** Returns statements that get something wrong. */
  abstract OutboxStatements wrong(OutboxStatements right);
}
