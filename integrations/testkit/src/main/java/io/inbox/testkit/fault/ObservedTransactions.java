package io.inbox.testkit.fault;

import io.inbox.spi.Transactions;
import io.inbox.spi.UnitOfWork.CommitStep;
import io.inbox.testkit.fault.FaultPoints.Observer;
import java.util.Optional;
import javax.sql.DataSource;

/** Reports when a unit of work begins, and when it is written and only to be committed. */
final class ObservedTransactions implements Transactions {
  private final Transactions transactions;
  private final Observer observer;

  ObservedTransactions(Transactions transactions, Observer observer) {
    this.transactions = transactions;
    this.observer = observer;
  }

  @Override
  public Optional<DataSource> connections() {
    return transactions.connections();
  }

  @Override
  public <T> T inTransaction(Work<T> work) throws Exception {
    return transactions.inTransaction(
        unit -> {
          observer.reached(FaultPoint.P2_BEGUN, unit.connection());
          // Added before anybody else's, so it runs after every flush and before every guard.
          unit.beforeCommit(
              CommitStep.GUARD, () -> observer.reached(FaultPoint.P7_GUARDING, unit.connection()));
          return work.run(unit);
        });
  }
}
