package io.inbox.testkit.crash;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import java.util.List;
import javax.sql.DataSource;

/**
 * The part of a service that is under test: how it builds its inbox, what is delivered to it, and
 * how it handles that.
 *
 * <p>A class of its own with a constructor without parameters can be made again in a child JVM, and
 * only such a one can be killed; the class path is that of the test. An instance serves one case:
 * it lives on through the redelivery where only its thread dies, and a new one is made where the
 * process does. Used by one thread at a time.
 */
public interface CrashConsumer {
  /** Returns how to talk to the database. */
  Store store();

  /**
   * Returns what is delivered, at least one message. Must be the same at each call and in each
   * process: the broker's message does not change either.
   */
  List<Message> messages();

  /**
   * Handles a delivery, with {@link Inbox#process} one by one, with {@link Inbox#processBatch}, or
   * as the service does it.
   *
   * @param messages those that are not acknowledged yet, in their order
   * @return what became of each, in the same order
   * @throws Exception which is taken for a delivery that acknowledges nothing
   */
  List<? extends Outcome<?>> deliver(Inbox inbox, List<Message> messages) throws Exception;

  /** Sets the options of the inbox. Default: as they are. */
  default Inbox.Builder options(Inbox.Builder builder) {
    return builder;
  }

  /** Returns what runs the inbox's transactions. Default: plain JDBC. */
  default Transactions transactions(DataSource connections) {
    return JdbcTransactions.on(connections);
  }

  /**
   * Called before each inbox is built, with the connections it runs on, for a service that keeps
   * some for itself. They are not pooled unless the test's are. Default: nothing.
   */
  default void start(DataSource connections) {}
}
