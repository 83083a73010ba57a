package io.inbox.torture.mutant;

import io.inbox.spi.Store;
import io.inbox.torture.worker.SharedWiring;

/** Commits what calls share without looking whether the transaction still is what it was. */
public final class SharesUnguarded extends SharedWiring {
  @Override
  public Store store(Store store) {
    return Unguarded.blind(store);
  }
}
