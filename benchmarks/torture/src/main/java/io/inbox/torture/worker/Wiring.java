package io.inbox.torture.worker;

import io.inbox.Inbox;
import io.inbox.RetryPolicy;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import io.inbox.torture.wire.Setting;
import java.time.Duration;
import javax.sql.DataSource;

/**
 * How the library is put together: as it is meant to be. The base of those that get something wrong
 * on purpose, to see whether the checkers notice.
 */
public class Wiring {
  private static final int ATTEMPTS = 6;
  private static final RetryPolicy RETRY =
      RetryPolicy.builder()
          .maxAttempts(ATTEMPTS)
          .maxDeliveries(10_000)
          .initialBackoff(Duration.ofMillis(20))
          .maxBackoff(Duration.ofMillis(500))
          .build();

  /** Creates the right one. */
  public Wiring() {}

  /** Returns the URL to connect to. */
  public String url(String url) {
    return url;
  }

  /** Returns the store that inboxes and relays use. */
  public Store store(Store store) {
    return store;
  }

  /** Returns what runs the transactions of the inboxes. */
  public Transactions transactions(DataSource dataSource) {
    return JdbcTransactions.on(dataSource);
  }

  /** Sets the options of an inbox. */
  public Inbox.Builder inbox(Inbox.Builder builder) {
    return builder.retry(RETRY);
  }

  /** Returns whether a worker acknowledges before it handles. */
  public boolean acknowledgesFirst() {
    return false;
  }

  /** Starts what publishes. */
  public AutoCloseable relay(
      Store store, DataSource dataSource, Publisher publisher, Setting setting) {
    return Relay.builder(store, dataSource, publisher)
        .name("w" + setting.worker())
        .lease(setting.lease())
        .pollEvery(Duration.ofMillis(200))
        .batch(256)
        .retry(RETRY)
        .circuitMaxOpen(Duration.ofMillis(500))
        .closeWait(Duration.ofSeconds(20))
        .start();
  }
}
