package io.inbox.torture.driver;

import io.inbox.testkit.fault.ChildJvm;
import io.inbox.testkit.fault.FaultProxy;
import io.inbox.testkit.fault.Held;
import io.inbox.testkit.fault.Held.Part;
import io.inbox.torture.database.Database;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.wire.Order;
import io.inbox.torture.wire.Saying.At;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What is done to a worker one of whose threads waits at a point. Each call blocks. */
final class PointFaults {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LATE = Duration.ofMillis(300);

  /** Longer than the time after which a client gives an answer up. */
  private static final Duration UNTIL_NOTICED = Database.SOCKET_TIMEOUT.plusMillis(1_500);

  private final Administrator administrator;
  private final Receiver receiver;
  private final Duration lease;

  PointFaults(Administrator administrator, Receiver receiver, Duration lease) {
    this.administrator = administrator;
    this.receiver = receiver;
    this.lease = lease;
  }

  /** Strikes, lets the thread go on, and returns what was done. */
  String strike(Fault fault, WorkerLink link, At at)
      throws IOException, InterruptedException, SQLException {
    return switch (fault.kind()) {
      case KILL_AT, KILL_RELAY_AT -> kill(link);
      case PAUSE_AT -> pause(link, at, Duration.ofMillis(20 + fault.choice() / 4));
      case PAUSE_RELAY_AT -> pause(link, at, lease.plusMillis(300 + fault.choice()));
      case ZOMBIE_RELAY_AT -> zombie(link, at, lease.plusMillis(800 + fault.choice()));
      case SYNC_WAIT_CANCELLED -> cancelWait(link, at);
      case TERMINATE_AT, TERMINATE_RELAY_AT -> terminate(link, at);
      case CUT_REQUEST_AT, CUT_REQUEST_RELAY -> arm(link, at, FaultProxy.Fault.CUT_REQUEST);
      case CUT_REPLY_AT, CUT_REPLY_RELAY -> arm(link, at, FaultProxy.Fault.CUT_REPLY);
      case SWALLOW_REPLY_AT -> silent(link, at, FaultProxy.Fault.SWALLOW_REPLY);
      case BLACK_HOLE_AT -> silent(link, at, FaultProxy.Fault.BLACK_HOLE);
      case COMMIT_LATE -> commitLate(link, at);
      case KILL_COMMIT -> killCommit(link, at, fault.choice() % 2 == 0);
      case KILL_ANSWER -> killAnswer(link, at);
      default -> throw new IllegalArgumentException(fault.kind() + " strikes at no point");
    };
  }

  private static void goOn(WorkerLink link, At at) {
    link.tell(new Order.GoOn(at.aim(), false));
  }

  private static String kill(WorkerLink link) throws InterruptedException {
    link.kill();
    return "killed " + link;
  }

  private static String pause(WorkerLink link, At at, Duration time)
      throws IOException, InterruptedException {
    Optional<ChildJvm> process = link.process();
    if (process.isEmpty()) {
      goOn(link, at);
      return "not: " + link + " is no process";
    }
    process.get().pause();
    goOn(link, at);
    LockSupport.parkNanos(time.toNanos());
    process.get().resume();
    return "stopped " + link + " for " + time.toMillis() + " ms";
  }

  private String zombie(WorkerLink link, At at, Duration time)
      throws IOException, InterruptedException {
    receiver.down(true);
    try {
      return pause(link, at, time) + ", nobody could publish in its place";
    } finally {
      pause(300); // so long it is alone with its rows
      receiver.down(false);
    }
  }

  private String cancelWait(WorkerLink link, At at) throws SQLException {
    boolean cancelled = false;
    try {
      administrator.waitForStandby(true);
      goOn(link, at);
      cancelled = administrator.cancelWait(at.session());
    } finally {
      administrator.waitForStandby(false);
    }
    return (cancelled ? "" : "not: no COMMIT waited, ") + link + " session " + at.session();
  }

  private String terminate(WorkerLink link, At at) throws SQLException, InterruptedException {
    if (!administrator.present()) {
      link.tell(new Order.GoOn(at.aim(), true));
      return "ended session " + at.session() + " of " + link;
    }
    try {
      administrator.terminate(at.session());
    } finally {
      goOn(link, at);
    }
    return "ended session " + at.session() + " of " + link;
  }

  private static FaultProxy proxy(WorkerLink link) {
    return link.proxy().orElseThrow(() -> new IllegalStateException(link + " has no proxy"));
  }

  private static String arm(WorkerLink link, At at, FaultProxy.Fault fault) {
    boolean armed = proxy(link).arm(at.session(), fault);
    goOn(link, at);
    return (armed ? "" : "not: no connection of ") + link + " session " + at.session();
  }

  private static String silent(WorkerLink link, At at, FaultProxy.Fault fault) {
    String note = arm(link, at, fault);
    LockSupport.parkNanos(UNTIL_NOTICED.toNanos());
    proxy(link).cutStruck(); // now the server learns that its client is gone
    return note;
  }

  private static Optional<Held> held(WorkerLink link, At at, Part part)
      throws InterruptedException {
    Optional<Held> held = proxy(link).hold(at.session(), part);
    goOn(link, at);
    if (held.isPresent() && !held.get().await(PATIENCE)) {
      held.get().pass();
      return Optional.empty();
    }
    return held;
  }

  private static String commitLate(WorkerLink link, At at) throws InterruptedException {
    Optional<Held> commit = held(link, at, Part.REQUEST);
    commit.ifPresent(it -> it.cutClient(LATE));
    return commit.isPresent()
        ? "COMMIT of " + link + " arrived " + LATE.toMillis() + " ms after the client was cut off"
        : "not: no COMMIT came";
  }

  private static String killCommit(WorkerLink link, At at, boolean arrives)
      throws InterruptedException {
    Optional<Held> commit = held(link, at, Part.REQUEST);
    link.kill();
    commit.ifPresent(arrives ? Held::pass : Held::cut);
    return commit.isPresent()
        ? "killed " + link + " while COMMIT was under way, it " + (arrives ? "arrived" : "got lost")
        : "not: no COMMIT came";
  }

  private static String killAnswer(WorkerLink link, At at) throws InterruptedException {
    Optional<Held> answer = held(link, at, Part.REPLY);
    link.kill();
    answer.ifPresent(Held::cut);
    return answer.isPresent()
        ? "killed " + link + " while the answer to COMMIT was under way"
        : "not: no answer came";
  }

  /** Waits a little, for what is not told when it has happened. */
  static void pause(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }
}
