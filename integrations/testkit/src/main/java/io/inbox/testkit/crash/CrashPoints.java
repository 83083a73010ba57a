package io.inbox.testkit.crash;

import io.inbox.BatchHandler;
import io.inbox.Message;
import io.inbox.Transaction;
import io.inbox.spi.Store;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Breaks the delivery of a message at each of its points and in each way there is, delivers again
 * as a broker would, and asks each time whether the service's invariant holds.
 *
 * <pre>{@code
 * CrashPoints.of(CrashDatabase.of(server, database), PaymentConsumer::new)
 *     .prepare(connection -> delete(connection, "payment"))
 *     .invariant(connection -> assertEquals(1, count(connection, "payment")))
 *     .verify();
 * }</pre>
 *
 * <p>First one delivery without a fault shows which points it passes; between claim and guard each
 * statement on the inbox's connections is followed by a {@code P5_HANDLING} of its own. Then there
 * is one case for each point and way: the tables are prepared, the delivery is broken, what is not
 * acknowledged is delivered again on a new connection to a new inbox, and the invariant is asked.
 * Each case has a consumer name of its own, so the same message is a first delivery again; what a
 * case left in the tables of Inbox is not deleted.
 *
 * <p>Followed is the thread that delivers, so calls that share transactions ({@code groupCommit})
 * on the thread of another are not. The inbox may have reduced durability: the database is as
 * durable as the test made it.
 *
 * <p>Immutable but for its setters; used by one thread. Needs no test runner.
 */
public final class CrashPoints {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final CrashDatabase database;
  private final Supplier<? extends CrashConsumer> consumer;
  private Work prepare = connection -> {};
  private @Nullable Work invariant;
  private Set<CrashWay> ways = EnumSet.allOf(CrashWay.class);
  private boolean waysNamed;
  private Duration limit = LIMIT;

  private CrashPoints(CrashDatabase database, Supplier<? extends CrashConsumer> consumer) {
    this.database = Objects.requireNonNull(database, "database");
    this.consumer = Objects.requireNonNull(consumer, "consumer");
  }

  /** Reads or writes the tables of a service. */
  @FunctionalInterface
  public interface Work {
    /** Uses a connection in autocommit mode, which is closed afterwards. */
    void run(Connection connection) throws Exception;
  }

  /** A handler that is told its message. */
  @FunctionalInterface
  public interface MessageHandler {
    /** Handles a message as {@link io.inbox.Handler#handle} does. */
    void handle(Message message, Transaction tx) throws Exception;
  }

  /**
   * Breaks the deliveries of a consumer.
   *
   * @param consumer makes a new one for each case; processes are killed only if its class has a
   *     name and a constructor without parameters
   */
  public static CrashPoints of(CrashDatabase database, Supplier<? extends CrashConsumer> consumer) {
    return new CrashPoints(database, consumer);
  }

  /**
   * Breaks the deliveries of messages one by one to a handler, in this process only. What the
   * handler holds in memory lives through all cases; {@code prepare} may clear it.
   */
  public static CrashPoints of(
      CrashDatabase database, Store store, List<Message> messages, MessageHandler handler) {
    return new CrashPoints(database, () -> InProcess.oneByOne(store, messages, handler));
  }

  /** Breaks the delivery of a batch to a handler, in this process only. */
  public static CrashPoints ofBatch(
      CrashDatabase database, Store store, List<Message> messages, BatchHandler handler) {
    return new CrashPoints(database, () -> InProcess.atOnce(store, messages, handler));
  }

  /** Sets what puts the tables into their first state, before each case. Default: nothing. */
  public CrashPoints prepare(Work prepare) {
    this.prepare = Objects.requireNonNull(prepare, "prepare");
    return this;
  }

  /**
   * Sets what must hold once everything is acknowledged: whatever it throws says that it does not.
   * It has to be set.
   */
  public CrashPoints invariant(Work invariant) {
    this.invariant = Objects.requireNonNull(invariant, "invariant");
    return this;
  }

  /**
   * Sets in which ways to break. Default: all that are possible; the report says why others are
   * not. One that is named here and not possible is an error.
   */
  public CrashPoints ways(CrashWay first, CrashWay... more) {
    ways = EnumSet.of(first, more);
    waysNamed = true;
    return this;
  }

  /** Sets how long one case may take. Default: 30 s. A case that does not end ends the run. */
  public CrashPoints limit(Duration limit) {
    if (limit.isNegative() || limit.isZero()) {
      throw new IllegalArgumentException("limit is " + limit + " (it must be above zero)");
    }
    this.limit = limit;
    return this;
  }

  /**
   * Runs all cases and returns what was seen. Blocks; a case takes milliseconds in this process and
   * about a second where a child JVM is killed.
   *
   * @throws IllegalStateException if it cannot run: no invariant, a way that is not possible, or a
   *     delivery that is not handled or breaks the invariant without any fault
   */
  public CrashReport run() {
    if (invariant == null) {
      throw new IllegalStateException("no invariant is set (say what must hold: invariant(...))");
    }
    if (waysNamed) {
      ways.forEach(this::requirePossible);
    }
    return new Course(database, consumer, prepare, invariant, limit)
        .run(Collections.unmodifiableSet(ways));
  }

  /**
   * Runs all cases.
   *
   * @return what was seen, if the invariant always held
   * @throws AssertionError with the report, if it did not
   * @throws IllegalStateException as {@link #run} does
   */
  public CrashReport verify() {
    CrashReport report = run();
    if (!report.isClean()) {
      throw new AssertionError(report.toString());
    }
    return report;
  }

  private void requirePossible(CrashWay way) {
    Course.obstacle(database, consumer.get(), way)
        .ifPresent(
            reason -> {
              throw new IllegalStateException(way + " is not possible: " + reason);
            });
  }
}
