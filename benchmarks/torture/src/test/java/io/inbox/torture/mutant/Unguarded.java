package io.inbox.torture.mutant;

import io.inbox.spi.CommitGuard;
import io.inbox.spi.Store;
import io.inbox.testkit.fault.ForwardingStore;
import io.inbox.torture.worker.Wiring;
import java.sql.Connection;

/** Commits without looking whether the transaction still is what it was. */
public class Unguarded extends Wiring {
  @Override
  public Store store(Store store) {
    return blind(store);
  }

  static Store blind(Store store) {
    return new ForwardingStore(store) {
      @Override
      public CommitGuard guard() {
        return new BlindGuard();
      }
    };
  }

  private static final class BlindGuard implements CommitGuard {
    @Override
    public boolean seesFailedStatements() {
      return true; // so that nobody else looks either
    }

    @Override
    public boolean ddlCommits() {
      return false;
    }

    @Override
    public Object mark(Connection connection) {
      return this;
    }

    @Override
    public void verify(Connection connection, Object mark) {}
  }
}
