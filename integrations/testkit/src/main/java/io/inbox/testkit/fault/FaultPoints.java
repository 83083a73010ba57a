package io.inbox.testkit.fault;

import io.inbox.outbox.Publisher;
import io.inbox.spi.InboxListener;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Decorators that report the {@link FaultPoint}s of whatever runs through them, on the thread that
 * reached the point and before anything else happens there. The library knows nothing of them.
 *
 * <p>An inbox wants the store, the data source, the transactions on it, and the listener; a relay
 * the store and the publisher.
 */
public final class FaultPoints {
  private FaultPoints() {}

  /** Is told about points. Called by any thread. */
  @FunctionalInterface
  public interface Observer {
    /**
     * Called when a point is reached. What it throws is thrown there, as if the database had.
     *
     * @param point the point
     * @param connection the connection in use there; null where there is none
     */
    void reached(FaultPoint point, @Nullable Connection connection) throws SQLException;
  }

  /** Decorates a store: claiming, claimed, flushing; and, for relays, confirmed and deleted. */
  public static Store store(Store store, Observer observer) {
    return new ObservedStore(store, observer);
  }

  /** Decorates the pool of an inbox: connected, committing, committed. */
  public static DataSource dataSource(DataSource dataSource, Observer observer) {
    return new ObservedDataSource(dataSource, observer);
  }

  /** Decorates what runs the transactions of an inbox: begun, guarding. */
  public static Transactions transactions(Transactions transactions, Observer observer) {
    return new ObservedTransactions(transactions, observer);
  }

  /** Returns a listener of an inbox: decided. */
  public static InboxListener listener(Observer observer) {
    return event -> {
      try {
        observer.reached(FaultPoint.P10_DECIDED, null);
      } catch (SQLException e) {
        throw new IllegalStateException("a listener cannot fail a delivery", e);
      }
    };
  }

  /** Decorates the publisher of a relay: read, sent. */
  public static Publisher publisher(Publisher publisher, Observer observer) {
    return new ObservedPublisher(publisher, observer);
  }
}
