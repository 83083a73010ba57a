package io.inbox.testkit.crash;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Transaction;
import io.inbox.error.RetryLaterException;
import io.inbox.spi.Transactions;
import io.inbox.testkit.crash.CrashPoints.MessageHandler;
import io.inbox.testkit.crash.Sessions.Session;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** What a process has: an inbox and a handler; and the fault that is to strike in it. */
final class CrashProcess implements AutoCloseable {
  private static final int TRIES_TO_START = 5;

  private final CrashPoints kit;
  private final MessageHandler handler;
  private final AtomicInteger runs;
  private final Inbox inbox;
  private final AtomicReference<@Nullable Strike> armed = new AtomicReference<>();
  private final Set<FaultPoint> reached = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Thread handling;
  private final AtomicInteger statements = new AtomicInteger();
  private volatile @Nullable SQLException notMade;

  private CrashProcess(
      CrashPoints kit, MessageHandler handler, AtomicInteger runs, boolean identified) {
    this.kit = kit;
    this.handler = handler;
    this.runs = runs;
    FaultPoints.Observer observer = (point, connection) -> at(CrashPlace.of(point), connection);
    DataSource sessions = new Sessions(kit.dataSource(), this::executing, identified).dataSource();
    Transactions transactions =
        FaultPoints.transactions(
            kit.transactionsOn(FaultPoints.dataSource(sessions, observer)), observer);
    Inbox.Builder builder =
        Inbox.builder(kit.consumer(), FaultPoints.store(kit.store(), observer), transactions);
    this.inbox = kit.configured(builder).build();
  }

  /** Starts one; a pool that has not noticed yet that a connection is gone is asked again. */
  static CrashProcess start(
      CrashPoints kit, MessageHandler handler, AtomicInteger runs, boolean identified) {
    for (int left = TRIES_TO_START - 1; ; left--) {
      try {
        return new CrashProcess(kit, handler, runs, identified);
      } catch (RetryLaterException e) {
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  /**
   * What came of one delivery.
   *
   * @param acknowledged whether the broker may forget it
   * @param told the outcome, for people
   */
  record Delivered(boolean acknowledged, String told) {}

  /** The Error by which a thread dies. */
  private static final class Death extends Error {
    private static final long serialVersionUID = 1L;

    Death(CrashPlace place) {
      super("the thread dies at " + place + ", on purpose");
    }
  }

  /** Lets a fault strike at the next delivery that gets there. */
  void arm(Strike strike) {
    armed.set(strike);
  }

  /** Returns whether the fault was still waiting, and calls it off. */
  boolean disarm() {
    return armed.getAndSet(null) != null;
  }

  /** Returns why the fault that was to strike could not be made; null if it could. */
  @Nullable SQLException notMade() {
    return notMade;
  }

  /** Returns the points that deliveries have reached. */
  Set<FaultPoint> reached() {
    return reached;
  }

  /** Returns how many statements the handler executed when it ran last. */
  int statements() {
    return statements.get();
  }

  /** Delivers a message. */
  Delivered deliver(Message message) {
    try {
      Outcome<Void> outcome = inbox.process(message, tx -> handle(message, tx));
      return new Delivered(outcome.acknowledge(), told(outcome));
    } catch (Death e) {
      return new Delivered(false, "the thread died");
    } catch (VirtualMachineError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      return new Delivered(false, "process threw " + e);
    }
  }

  private static String told(Outcome<Void> outcome) {
    String name = outcome.getClass().getSimpleName();
    if (outcome instanceof Outcome.Failed<Void> failed) {
      return name + " " + failed.reason() + " (" + failed.cause() + ")";
    }
    if (outcome instanceof Outcome.InFlight<Void> open) {
      return name + " " + open.reason();
    }
    if (outcome instanceof Outcome.DeadLettered<Void> letter) {
      return name + " " + letter.reason() + " (" + letter.cause() + ")";
    }
    return name;
  }

  private void handle(Message message, Transaction tx) throws Exception {
    runs.incrementAndGet();
    statements.set(0);
    handling = Thread.currentThread();
    try {
      handler.handle(message, tx);
      at(new CrashPlace(FaultPoint.P5_HANDLING, statements.get()), tx.connection());
    } finally {
      handling = null;
    }
  }

  /** A statement goes out next; those of the library are no matter here. */
  private void executing(Connection connection) throws SQLException {
    if (Thread.currentThread() == handling) {
      at(new CrashPlace(FaultPoint.P5_HANDLING, statements.get()), connection);
      statements.incrementAndGet();
    }
  }

  private void at(CrashPlace place, @Nullable Connection connection) throws SQLException {
    reached.add(place.point());
    Strike strike = armed.get();
    if (strike != null && strike.place().equals(place) && armed.compareAndSet(strike, null)) {
      strike(strike, connection);
    }
  }

  private void strike(Strike strike, @Nullable Connection connection) throws SQLException {
    if (strike.way() == CrashWay.THREAD_DIES) {
      throw new Death(strike.place());
    }
    if (connection == null) {
      throw new IllegalStateException("no connection at " + strike.place());
    }
    try {
      Session session = connection.unwrap(Session.class);
      if (strike.way() == CrashWay.SESSION_TERMINATED) {
        terminate(kit.dataSource(), session.toBeTerminated());
      } else {
        session.breakOff();
      }
    } catch (SQLException e) {
      notMade = e;
    }
    if (strike.way() == CrashWay.COMMIT_ANSWER_LOST) {
      throw Sessions.lost();
    }
  }

  /** Ends a session of a PostgreSQL from another one, and waits until it is gone. */
  static void terminate(DataSource dataSource, int process) throws SQLException {
    try (Connection another = dataSource.getConnection();
        PreparedStatement terminate =
            another.prepareStatement("SELECT pg_terminate_backend(?, 5000)")) {
      terminate.setInt(1, process);
      try (ResultSet row = terminate.executeQuery()) {
        if (!row.next() || !row.getBoolean(1)) {
          throw new SQLException("the session did not end within 5 s");
        }
      }
    }
  }

  @Override
  public void close() {
    inbox.close();
  }
}
