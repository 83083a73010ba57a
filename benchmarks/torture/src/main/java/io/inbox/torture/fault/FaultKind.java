package io.inbox.torture.fault;

import io.inbox.testkit.fault.FaultPoint;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can go wrong. */
public enum FaultKind {
  /** The worker is killed while one of its threads is at the point. */
  KILL_AT(Where.POINT, 2, true, FaultPoint.P0_RECEIVED, FaultPoint.P11_ACKNOWLEDGED),
  /** The worker is stopped for a moment while one of its threads is at the point. */
  PAUSE_AT(Where.POINT, 2, true, FaultPoint.P0_RECEIVED, FaultPoint.P11_ACKNOWLEDGED),
  /** The database session in use at the point is ended. */
  TERMINATE_AT(Where.POINT, 3, true, FaultPoint.P1_CONNECTED, FaultPoint.P9_COMMITTED),
  /** The next request after the point never arrives, and the connection is cut. */
  CUT_REQUEST_AT(Where.POINT, 3, false, FaultPoint.P1_CONNECTED, FaultPoint.P8_COMMITTING),
  /** The answer to the next request after the point is cut off. */
  CUT_REPLY_AT(Where.POINT, 3, false, FaultPoint.P1_CONNECTED, FaultPoint.P8_COMMITTING),
  /** The answer to the next request after the point never comes, and nobody says so. */
  SWALLOW_REPLY_AT(Where.POINT, 1, false, FaultPoint.P3_CLAIMING, FaultPoint.P8_COMMITTING),
  /** From the point on nothing passes in either direction, and nobody says so. */
  BLACK_HOLE_AT(Where.POINT, 1, false, FaultPoint.P3_CLAIMING, FaultPoint.P8_COMMITTING),
  /** The client is cut off before COMMIT has arrived; it arrives all the same. */
  COMMIT_LATE(Where.POINT, 3, false, FaultPoint.P8_COMMITTING, FaultPoint.P8_COMMITTING),
  /** COMMIT waits for a standby, and that wait is cancelled. */
  SYNC_WAIT_CANCELLED(Where.POINT, 1, false, FaultPoint.P8_COMMITTING, FaultPoint.P8_COMMITTING),
  /** The worker is killed while COMMIT is under way; it arrives or not. */
  KILL_COMMIT(Where.POINT, 2, false, FaultPoint.P8_COMMITTING, FaultPoint.P8_COMMITTING),
  /** The worker is killed while the answer to COMMIT is under way. */
  KILL_ANSWER(Where.POINT, 2, false, FaultPoint.P8_COMMITTING, FaultPoint.P8_COMMITTING),

  /** The worker is killed while its relay is at the point. */
  KILL_RELAY_AT(Where.RELAY_POINT, 2, true, FaultPoint.R1_READ, FaultPoint.R4_DELETED),
  /** The worker is stopped past its lease while its relay is at the point. */
  PAUSE_RELAY_AT(Where.RELAY_POINT, 2, false, FaultPoint.R1_READ, FaultPoint.R4_DELETED),
  /** The same, and nobody can publish in its place before it goes on. */
  ZOMBIE_RELAY_AT(Where.RELAY_POINT, 1, false, FaultPoint.R1_READ, FaultPoint.R3_CONFIRMED),
  /** The database session that deletes is ended. */
  TERMINATE_RELAY_AT(Where.RELAY_POINT, 2, true, FaultPoint.R3_CONFIRMED, FaultPoint.R4_DELETED),
  /** The deletion never arrives. */
  CUT_REQUEST_RELAY(Where.RELAY_POINT, 2, false, FaultPoint.R3_CONFIRMED, FaultPoint.R3_CONFIRMED),
  /** The answer to the deletion is cut off. */
  CUT_REPLY_RELAY(Where.RELAY_POINT, 2, false, FaultPoint.R3_CONFIRMED, FaultPoint.R3_CONFIRMED),

  /** A worker is killed. */
  KILL(Where.NOW, 2, true),
  /** A worker is stopped for a moment. */
  PAUSE(Where.NOW, 2, true),
  /** A worker is stopped past its lease. */
  PAUSE_PAST_LEASE(Where.NOW, 1, false),
  /** All database sessions of a worker are ended. */
  TERMINATE_ALL(Where.NOW, 2, false),
  /** What the database sessions of a worker are doing is cancelled. */
  CANCEL(Where.NOW, 2, false),
  /** The server ends at once, without a checkpoint, and starts again. */
  SERVER_IMMEDIATE(Where.NOW, 1, false),
  /** The server ends all sessions, stops and starts again. */
  SERVER_FAST(Where.NOW, 1, false),
  /** One server process is killed, and the server recovers. */
  BACKEND_KILLED(Where.NOW, 1, false),
  /** A worker gets no new connections for a while, and loses those it has. */
  REFUSE(Where.NOW, 2, false),
  /** All connections of a worker are cut. */
  CUT_ALL(Where.NOW, 2, false),
  /** Every byte of a worker's connections travels alone. */
  FRAGMENT(Where.NOW, 1, false),
  /** Every packet of a worker's connections is late. */
  DELAY(Where.NOW, 1, false),
  /** A foreign transaction holds the oldest snapshot for a while. */
  OLD_SNAPSHOT(Where.NOW, 1, false),
  /** A foreign transaction holds the locks of accounts for a while. */
  LOCKED_ACCOUNTS(Where.NOW, 1, false),
  /** The index behind the claims is rebuilt while they go on. */
  REINDEX(Where.NOW, 1, false),

  /** The handler throws. */
  THROW(Where.DELIVERY, 2, true),
  /** The handler swallows the error of a statement. */
  SWALLOW(Where.DELIVERY, 2, true),
  /** The handler overflows its stack. */
  ERROR(Where.DELIVERY, 2, true),
  /** The handler is out of memory. */
  OUT_OF_MEMORY(Where.DELIVERY, 2, true),
  /** The handler tries to end its transaction. */
  MISUSE(Where.DELIVERY, 2, true),
  /** The handler loses a race. */
  SERIALIZATION(Where.DELIVERY, 2, true),
  /** The handler takes its time. */
  SLOW(Where.DELIVERY, 2, true),
  /** A message is delivered to two threads at once. */
  AT_ONCE(Where.DELIVERY, 3, true),
  /** A batch is delivered to two threads at once. */
  BATCH_AT_ONCE(Where.DELIVERY, 3, true),
  /** An acknowledgement is lost. */
  LOST_ACK(Where.DELIVERY, 3, true),

  /** The receiver takes nothing for a while. */
  RECEIVER_DOWN(Where.RECEIVER, 2, true),
  /** The receiver refuses a message. */
  RECEIVER_FAILS(Where.RECEIVER, 2, true),
  /** The receiver has written a batch down, and its answer is lost. */
  RECEIVER_UNHEARD(Where.RECEIVER, 2, true),
  /** The receiver takes its time. */
  RECEIVER_SLOW(Where.RECEIVER, 2, true);

  private final Where where;
  private final int weight;
  private final boolean embedded;
  private final @Nullable FaultPoint first;
  private final @Nullable FaultPoint last;

  FaultKind(Where where, int weight, boolean embedded) {
    this.where = where;
    this.weight = weight;
    this.embedded = embedded;
    this.first = null;
    this.last = null;
  }

  FaultKind(Where where, int weight, boolean embedded, FaultPoint first, FaultPoint last) {
    this.where = where;
    this.weight = weight;
    this.embedded = embedded;
    this.first = first;
    this.last = last;
  }

  /** Where a fault strikes. */
  public enum Where {
    /** While a delivery is at a point. */
    POINT,
    /** While a relay is at a point. */
    RELAY_POINT,
    /** At once. */
    NOW,
    /** In the handler of the next delivery, or on its way. */
    DELIVERY,
    /** In the receiver of what is published. */
    RECEIVER
  }

  /** Returns where it strikes. */
  public Where where() {
    return where;
  }

  /** Returns how often it strikes, compared with the others. */
  public int weight() {
    return weight;
  }

  /** Returns the points at which it can strike; none where it is not bound to one. */
  public List<FaultPoint> points() {
    return first == null || last == null ? List.of() : List.copyOf(EnumSet.range(first, last));
  }

  /** Returns the kinds for a server, or for a database inside the one worker. */
  public static List<FaultKind> of(boolean server) {
    return Arrays.stream(values()).filter(kind -> server || kind.embedded).toList();
  }
}
