package io.inbox.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** The transaction of {@link Business} with the library's outbox. */
final class LibraryBusiness implements Contender {
  private final LibraryOutbox outbox;
  private final DataSource pool;
  private final boolean unitOfWork;

  /** In a unit of work of the library, or on a connection of the pool. */
  LibraryBusiness(LibraryOutbox outbox, DataSource pool, boolean unitOfWork) {
    this.outbox = outbox;
    this.pool = pool;
    this.unitOfWork = unitOfWork;
  }

  @Override
  public String label() {
    return unitOfWork ? "library, unit of work" : "library, bare connection";
  }

  @Override
  public int handle(Feed.Lane lane) throws Exception {
    if (!unitOfWork) {
      return onConnection(lane);
    }
    return outbox
        .transactions()
        .inTransaction(
            unit -> {
              long account = lane.account();
              Books.credit(unit.connection(), account);
              outbox.outbox().in(unit).append(LibraryOutbox.message(account));
              return 1;
            });
  }

  private int onConnection(Feed.Lane lane) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        long account = lane.account();
        Books.credit(connection, account);
        outbox.outbox().on(connection).append(LibraryOutbox.message(account));
        connection.commit();
        return 1;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    }
  }
}
