package io.inbox.torture.check;

import io.inbox.testkit.fault.FaultPoint;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.wire.Answer;
import io.inbox.torture.wire.Answer.Kind;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a delivery may be answered that a fault was aimed at, when nothing else goes wrong and no
 * other copy of its message is under way.
 *
 * @param lost whether it is lost with its worker, and nothing is answered
 * @param kinds what may be answered
 * @param byVictim whether, of a lost delivery, the dead worker's own commit stands: true, false, or
 *     null for either
 */
record Expected(boolean lost, Set<Kind> kinds, @Nullable Boolean byVictim) {
  private static final Expected ANY = answers(EnumSet.allOf(Kind.class));

  private static Expected answers(Set<Kind> kinds) {
    return new Expected(false, kinds, null);
  }

  private static Expected answers(Kind first, Kind... more) {
    return answers(EnumSet.of(first, more));
  }

  private static Expected dies(@Nullable Boolean byVictim) {
    return new Expected(true, EnumSet.noneOf(Kind.class), byVictim);
  }

  /** Returns what a fault leads to. */
  static Expected of(Fault fault) {
    @Nullable FaultPoint point = fault.point();
    if (point == null) {
      return ANY;
    }
    // What was appended goes to the server together with COMMIT.
    boolean commit = point.compareTo(FaultPoint.P6_FLUSHING) >= 0;
    return switch (fault.kind()) {
      case KILL_AT -> killed(point);
      case KILL_ANSWER -> dies(true);
      case KILL_COMMIT -> dies(fault.choice() % 2 == 0);
      case PAUSE_AT -> answers(Kind.PROCESSED);
      case TERMINATE_AT, CUT_REQUEST_AT ->
          // Not decided, if the server has not noticed yet and the lost session holds the key.
          commit ? answers(Kind.PROCESSED, Kind.IN_FLIGHT) : answers(Kind.FAILED);
      case CUT_REPLY_AT, SWALLOW_REPLY_AT -> answers(commit ? Kind.DUPLICATE : Kind.FAILED);
      case BLACK_HOLE_AT -> commit ? answers(Kind.IN_FLIGHT, Kind.PROCESSED) : answers(Kind.FAILED);
      case COMMIT_LATE -> answers(Kind.DUPLICATE, Kind.IN_FLIGHT);
      case SYNC_WAIT_CANCELLED -> answers(Kind.IN_FLIGHT);
      default -> ANY;
    };
  }

  private static Expected killed(FaultPoint point) {
    return switch (point) {
      case P9_COMMITTED, P10_DECIDED -> dies(true);
      case P11_ACKNOWLEDGED -> answers(Kind.PROCESSED);
      default -> dies(false);
    };
  }

  /** Returns whether this is what was answered; null for nothing. */
  boolean allows(@Nullable Answer answer) {
    return lost ? answer == null : answer != null && kinds.contains(answer.kind());
  }

  /** Returns whether it may be the victim, or another, whose handling of a lost delivery stands. */
  boolean allows(boolean victimsStands) {
    return byVictim == null || byVictim == victimsStands;
  }
}
