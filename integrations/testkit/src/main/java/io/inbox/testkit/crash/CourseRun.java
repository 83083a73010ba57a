package io.inbox.testkit.crash;

import io.inbox.Message;
import io.inbox.testkit.crash.CrashPoints.Invariant;
import io.inbox.testkit.crash.CrashPoints.MessageHandler;
import io.inbox.testkit.crash.CrashProcess.Delivered;
import io.inbox.testkit.crash.CrashReport.NotRun;
import io.inbox.testkit.fault.FaultPoint;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All courses of one run. */
final class CourseRun {
  private static final int SECONDS_TO_ANSWER = 5;
  private static final int CONNECTIONS_TO_TRY = 5;

  private final CrashPoints kit;
  private final Supplier<MessageHandler> handlers;
  private final Invariant invariant;
  private final String run = "crash-" + UUID.randomUUID().toString().substring(0, 8);
  private final List<CrashCourse> courses = new ArrayList<>();
  private final List<NotRun> notRun = new ArrayList<>();

  CourseRun(CrashPoints kit, Supplier<MessageHandler> handlers, Invariant invariant) {
    this.kit = kit;
    this.handlers = handlers;
    this.invariant = invariant;
  }

  CrashReport run() {
    List<Strike> strikes = rehearse();
    for (Strike strike : strikes) {
      courses.add(course(strike));
    }
    return new CrashReport(kit.consumer(), courses, notRun);
  }

  /** Runs the course without a fault; returns what to fail in the others, none if it failed. */
  private List<Strike> rehearse() {
    Message message = nextMessage();
    AtomicInteger runs = new AtomicInteger();
    Delivered delivered;
    Set<FaultPoint> reached;
    int statements;
    try (CrashProcess process = CrashProcess.start(kit, handlers.get(), runs, false)) {
      process.reached().clear(); // what the start has reached
      delivered = process.deliver(message);
      reached = Set.copyOf(process.reached());
      statements = process.statements();
    }
    @Nullable String problem =
        delivered.acknowledged() ? problemWith(message) : "it was not acknowledged";
    courses.add(
        new CrashCourse(null, message.id(), List.of(delivered.told()), runs.get(), problem));
    return problem == null ? plan(reached, statements) : List.of();
  }

  private List<Strike> plan(Set<FaultPoint> reached, int statements) {
    List<Strike> strikes = new ArrayList<>();
    for (CrashWay way : CrashWay.values()) {
      @Nullable String why = way == CrashWay.SESSION_TERMINATED ? whyNotTerminated() : null;
      if (why != null) {
        notRun.add(new NotRun(way, null, why));
        continue;
      }
      for (FaultPoint point : way.points()) {
        CrashPlace place = CrashPlace.of(point);
        if (place.seenFromInside() && !reached.contains(point)) {
          notRun.add(new NotRun(way, place, whyNotReached(point)));
        } else if (point == FaultPoint.P5_HANDLING) {
          inHandler(way, statements, strikes);
        } else {
          strikes.add(new Strike(place, way));
        }
      }
    }
    return strikes;
  }

  private static String whyNotReached(FaultPoint point) {
    return point == FaultPoint.P6_FLUSHING
        ? "the handler appended nothing to the outbox"
        : "the course without a fault did not come there";
  }

  /** Before each of the first statements, and when the handler is done. */
  private void inHandler(CrashWay way, int statements, List<Strike> strikes) {
    for (int done = 0; done <= statements; done++) {
      CrashPlace place = new CrashPlace(FaultPoint.P5_HANDLING, done);
      if (done < kit.maxStatements() || done == statements) {
        strikes.add(new Strike(place, way));
      } else if (done == kit.maxStatements()) {
        notRun.add(
            new NotRun(
                way,
                place,
                "and further on, before the last of %d statements (maxStatements is %d)"
                    .formatted(statements, kit.maxStatements())));
      }
    }
  }

  /** Ends a session to see whether that can be done; null if it can. */
  private @Nullable String whyNotTerminated() {
    try (Connection connection = kit.dataSource().getConnection()) {
      String database = connection.getMetaData().getDatabaseProductName();
      if (!database.equals("PostgreSQL")) {
        return "the database is " + database + ", a session is ended only on PostgreSQL";
      }
    } catch (SQLException e) {
      return "the database does not say what it is: " + e.getMessage();
    }
    try {
      Connection victim = usable();
      try {
        CrashProcess.terminate(kit.dataSource(), Sessions.serverProcess(victim));
      } finally {
        Sessions.giveUp(kit.dataSource(), victim);
      }
      return null;
    } catch (SQLException e) {
      return "no session could be ended from another one: " + e.getMessage();
    }
  }

  private CrashCourse course(Strike strike) {
    Message message = nextMessage();
    List<String> deliveries = new ArrayList<>();
    AtomicInteger runs = new AtomicInteger();
    CrashProcess process = start(strike, handlers.get(), runs);
    try {
      @Nullable String notStruck = null;
      boolean acknowledged = false;
      if (strike.place().seenFromInside()) {
        process.arm(strike);
        acknowledged = deliver(process, message, deliveries);
        notStruck = whyNotStruck(process);
      } else if (strike.place().point() == FaultPoint.P0_RECEIVED) {
        deliveries.add("the thread died before the inbox was asked");
      } else {
        deliver(process, message, deliveries); // and whatever it is, nobody hears of it
      }
      if (strike.way().endsProcess()) {
        process.close();
        process = start(strike, handlers.get(), runs);
      }
      while (!acknowledged && deliveries.size() < kit.maxDeliveries()) {
        acknowledged = deliver(process, message, deliveries);
      }
      @Nullable String problem =
          notStruck != null
              ? notStruck
              : acknowledged
                  ? problemWith(message)
                  : "not acknowledged after " + deliveries.size() + " deliveries";
      return new CrashCourse(strike, message.id(), deliveries, runs.get(), problem);
    } finally {
      process.close();
    }
  }

  /** Ends the wait for the fault; null if it has struck. */
  private static @Nullable String whyNotStruck(CrashProcess process) {
    if (process.disarm()) {
      return "the delivery did not come there, though the one without a fault did";
    }
    return process.notMade() == null ? null : "the fault could not be made: " + process.notMade();
  }

  private CrashProcess start(Strike strike, MessageHandler handler, AtomicInteger runs) {
    return CrashProcess.start(kit, handler, runs, strike.way() == CrashWay.SESSION_TERMINATED);
  }

  private static boolean deliver(CrashProcess process, Message message, List<String> deliveries) {
    Delivered delivered = process.deliver(message);
    deliveries.add(delivered.told());
    return delivered.acknowledged();
  }

  private Message nextMessage() {
    return kit.messageOf(run + "-" + courses.size());
  }

  /** What the invariant says; null if it holds. */
  private @Nullable String problemWith(Message message) {
    try (Connection connection = usable()) {
      try {
        invariant.check(connection, message);
        return null;
      } finally {
        if (!connection.getAutoCommit()) {
          connection.rollback();
        }
      }
    } catch (AssertionError e) {
      return String.valueOf(e.getMessage());
    } catch (Exception e) {
      return "the invariant could not be looked at: " + e;
    }
  }

  /** A pool may not have noticed yet that a session was ended. */
  private Connection usable() throws SQLException {
    for (int left = CONNECTIONS_TO_TRY - 1; ; left--) {
      Connection connection = kit.dataSource().getConnection();
      if (left == 0 || connection.isValid(SECONDS_TO_ANSWER)) {
        return connection;
      }
      Sessions.giveUp(kit.dataSource(), connection);
    }
  }
}
