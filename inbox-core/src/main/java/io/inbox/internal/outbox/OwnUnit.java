package io.inbox.internal.outbox;

import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.internal.DatabaseErrors;
import io.inbox.spi.SqlError;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;

/** Runs the outbox's own seldom work in a transaction, and says what its errors mean. */
final class OwnUnit {
  private OwnUnit() {}

  static <T> T run(Store store, Transactions transactions, Transactions.Work<T> work) {
    try {
      return transactions.inTransaction(work);
    } catch (InboxException e) {
      throw e;
    } catch (Exception e) {
      throw switch (SqlError.of(e)) {
        case UNAVAILABLE, RETRY, LOCK_TIMEOUT ->
            new RetryLaterException(
                "IBX-323",
                "the outbox at "
                    + store.tables()
                    + " cannot be reached now, or is contended (try again)",
                e);
        default -> DatabaseErrors.translated(e);
      };
    }
  }
}
