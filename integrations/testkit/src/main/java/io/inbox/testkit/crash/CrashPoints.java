package io.inbox.testkit.crash;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Transaction;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Runs a handler, fails it once at each point of a delivery and in each way that is possible there,
 * redelivers as a broker would, and asserts an invariant after each of these courses.
 *
 * <p>Every course has a message of its own, so they do not meet. Its first delivery is failed; then
 * the message is delivered until it is acknowledged, by a new inbox where the thread died, and at
 * once, whatever the outcome says about waiting. A first course without a fault finds the points
 * that the handler reaches, and how many statements it executes.
 *
 * <p>For a test database: rows of the courses stay in the inbox and in your tables, and sessions
 * are ended. What kills the process itself (SIGKILL, power) is not simulated: what it does beyond a
 * dead thread is to lose memory, see {@link #handlers}.
 *
 * <p>Not thread-safe. Deliveries run on the thread that calls {@link #run}.
 */
public final class CrashPoints {
  private final DataSource dataSource;
  private final Store store;
  private String consumer = "crash-points";
  private UnaryOperator<Inbox.Builder> configuration = UnaryOperator.identity();
  private Function<DataSource, Transactions> transactions = JdbcTransactions::on;
  private Function<String, Message> messages = id -> Message.of(id, null);
  private @Nullable Supplier<MessageHandler> handlers;
  private @Nullable Invariant invariant;
  private int maxStatements = 20;
  private int maxDeliveries = 10;

  private CrashPoints(DataSource dataSource, Store store) {
    this.dataSource = dataSource;
    this.store = store;
  }

  /**
   * Starts a run.
   *
   * @param dataSource connections to the test database with its tables; a pool needs two, one to
   *     end the session of the other
   * @param store how to talk to it
   */
  public static CrashPoints on(DataSource dataSource, Store store) {
    return new CrashPoints(dataSource, store);
  }

  /** What is tested: a {@link io.inbox.Handler} that is told the message. */
  @FunctionalInterface
  public interface MessageHandler {
    /** Handles the message in the transaction that also holds its key. */
    void handle(Message message, Transaction tx) throws Exception;
  }

  /** What must hold once a message was acknowledged. */
  @FunctionalInterface
  public interface Invariant {
    /**
     * Throws, best an {@code AssertionError}, if the tables are wrong about the message.
     *
     * @param connection one of its own, outside of any delivery; what it leaves open is rolled back
     * @param message the message of the course
     */
    void check(Connection connection, Message message) throws Exception;
  }

  /** Sets the name of the consumer. Default: {@code crash-points}. */
  public CrashPoints consumer(String consumer) {
    this.consumer = consumer;
    return this;
  }

  /** Sets further options of the inbox, those of production. Default: none. */
  public CrashPoints inbox(UnaryOperator<Inbox.Builder> configuration) {
    this.configuration = configuration;
    return this;
  }

  /**
   * Sets what runs the transactions, such as jOOQ's, on the data source that is handed in here.
   * Must use no other connections. Default: {@link JdbcTransactions}.
   */
  public CrashPoints transactions(Function<DataSource, Transactions> transactions) {
    this.transactions = transactions;
    return this;
  }

  /**
   * Sets how the message of a course is made; it must bear the id it is given. Default: a message
   * without payload.
   */
  public CrashPoints message(Function<String, Message> messages) {
    this.messages = messages;
    return this;
  }

  /**
   * Sets the handler. It is the same object in every course, so its memory survives: the harder
   * case for a handler that remembers what it did.
   */
  public CrashPoints handler(MessageHandler handler) {
    return handlers(() -> handler);
  }

  /**
   * Sets what makes the handler of each process: called again where the thread died, so that what
   * the handler had in memory is lost. Replaces {@link #handler}.
   */
  public CrashPoints handlers(Supplier<MessageHandler> handlers) {
    this.handlers = handlers;
    return this;
  }

  /** Sets what must hold for the message of each course once it was acknowledged. */
  public CrashPoints invariant(Invariant invariant) {
    this.invariant = invariant;
    return this;
  }

  /**
   * Sets between how many of the handler's first statements to fail; what is left out is reported.
   * Default: 20.
   */
  public CrashPoints maxStatements(int maxStatements) {
    this.maxStatements = atLeast(0, maxStatements, "maxStatements");
    return this;
  }

  /** Sets after how many deliveries a course is given up as not acknowledged. Default: 10. */
  public CrashPoints maxDeliveries(int maxDeliveries) {
    this.maxDeliveries = atLeast(2, maxDeliveries, "maxDeliveries");
    return this;
  }

  private static int atLeast(int least, int value, String name) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + ", it must be at least " + least);
    }
    return value;
  }

  /**
   * Runs all courses, one after the other, and blocks for that long: some twenty of them, and three
   * more for each statement of the handler. Where the course without a fault fails, it is the only
   * one.
   *
   * @throws IllegalStateException if there is no handler or no invariant
   * @throws io.inbox.error.InboxException if the inbox cannot be built
   */
  public CrashReport run() {
    if (handlers == null || invariant == null) {
      throw new IllegalStateException(
          "nothing to run (set both the handler and the invariant before run())");
    }
    return new CourseRun(this, handlers, invariant).run();
  }

  DataSource dataSource() {
    return dataSource;
  }

  Store store() {
    return store;
  }

  String consumer() {
    return consumer;
  }

  Transactions transactionsOn(DataSource observed) {
    return transactions.apply(observed);
  }

  Inbox.Builder configured(Inbox.Builder builder) {
    return configuration.apply(builder);
  }

  Message messageOf(String id) {
    Message message = messages.apply(id);
    if (!message.id().equals(id)) {
      throw new IllegalStateException(
          "the message has the id " + message.id() + ", it must have the one it was given: " + id);
    }
    return message;
  }

  int maxStatements() {
    return maxStatements;
  }

  int maxDeliveries() {
    return maxDeliveries;
  }
}
