package io.inbox.outbox;

import io.inbox.internal.StartCheck;
import io.inbox.internal.outbox.ConnectionAppender;
import io.inbox.internal.outbox.OutboxLetterDesk;
import io.inbox.internal.outbox.OutboxWriter;
import io.inbox.internal.outbox.Resize;
import io.inbox.internal.outbox.UnitAppender;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.spi.Store;
import io.inbox.spi.StoreReport;
import io.inbox.spi.Transactions;
import io.inbox.spi.UnitOfWork;
import java.sql.Connection;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The outbox of a database, for code outside of a handler; a handler has {@link
 * io.inbox.Transaction#outbox()}.
 *
 * <p>What is appended commits together with the business writes of its transaction, and a {@link
 * Relay} publishes it after that commit: at least once, with a stable id. Messages of one tenant,
 * topic and key are published in the order in which their transactions committed, if those held a
 * common lock (the row of the order, say) when they appended.
 *
 * <p>Thread-safe, and meant to be shared. Holds no connection between calls; a daemon thread of its
 * own tells relays of other processes.
 */
public final class Outbox implements AutoCloseable {
  private final Store store;
  private final Transactions transactions;
  private final OutboxWriter writer;

  private Outbox(Store store, Transactions transactions, OutboxWriter writer) {
    this.store = store;
    this.transactions = transactions;
    this.writer = writer;
  }

  /** Opens the outbox of a database with the default settings. */
  public static Outbox open(Store store, @Nullable DataSource dataSource) {
    return open(store, JdbcTransactions.on(dataSource), OutboxSettings.ofDefaults());
  }

  /**
   * Opens the outbox of a database. Checks database and schema; takes one connection and blocks.
   *
   * @param transactions runs the outbox's own transactions: notifications, dead letters
   * @throws io.inbox.error.ConfigurationException if a setting of the database breaks a promise
   * @throws io.inbox.error.SchemaException if the schema is missing, too old or too new
   * @throws io.inbox.error.RetryLaterException if the database cannot be reached
   */
  public static Outbox open(Store store, Transactions transactions, OutboxSettings settings) {
    StoreReport report = StartCheck.run(store, transactions, true);
    OutboxWriter writer = new OutboxWriter(store, transactions, settings, report.identity());
    writer.checkSlots();
    return new Outbox(store, transactions, writer);
  }

  /**
   * Returns an appender for a running unit of work: what it is given is kept in memory and written
   * by one statement as the last thing before the commit.
   */
  public OutboxAppender in(UnitOfWork unit) {
    return UnitAppender.in(writer, unit);
  }

  /**
   * Returns an appender for a transaction that the caller commits: each message is written at once.
   *
   * <p>The order of a key is kept only if the business locks were taken before: rows draw their
   * place when they are written.
   *
   * @param connection of the database of this outbox, autocommit off
   */
  public OutboxAppender on(Connection connection) {
    return new ConnectionAppender(writer, connection);
  }

  /** Returns the messages that relays gave up. */
  public OutboxDeadLetters deadLetters() {
    return new OutboxLetterDesk(store, transactions, writer);
  }

  /**
   * Changes the number of slots: how many relays can share the work, and how many queries a relay
   * makes. Every writer and relay must have been stopped before, in all processes: a running writer
   * goes on with the old number. Behind row-level security it takes the relay's role.
   *
   * @param slots 1 to 32,767
   * @throws io.inbox.error.UsageException if a message waits or a relay runs; nothing was changed
   */
  public void resize(int slots) {
    Resize.to(store, transactions, slots);
    writer.forgetSlots();
  }

  /**
   * Ends the thread that tells relays, and waits up to 10 seconds for it to give its connection
   * back; what was appended stays appended.
   */
  @Override
  public void close() {
    writer.close();
  }
}
