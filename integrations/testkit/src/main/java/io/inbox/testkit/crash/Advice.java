package io.inbox.testkit.crash;

import io.inbox.testkit.crash.CrashReport.Cell;
import io.inbox.testkit.fault.FaultPoint;

/** Says what usually breaks an invariant at a point. */
final class Advice {
  private Advice() {}

  static String on(Cell cell, CrashReport report) {
    if (cell.point().compareTo(FaultPoint.P9_COMMITTED) >= 0 || answerOfCommitLost(cell)) {
      return "it was committed, so the handler does not run again: what it left for later is lost"
          + " (afterCommit, another thread, memory that is written out from time to time)";
    }
    if (cell.point().compareTo(FaultPoint.P4_CLAIMED) < 0) {
      return "the handler had not begun: something is done before the claim or outside the inbox";
    }
    if (cell.ownConnections() > 0) {
      return "the handler took a connection of its own: what is written there, in autocommit or by"
          + " a commit of its own, stays when the transaction rolls back (write through tx)";
    }
    if (heldWhere(cell, report, CrashWay.THREAD_DIES, CrashWay.PROCESS_KILLED)) {
      return "it holds where the process is killed at this point: what the handler remembers in"
          + " memory is not rolled back with the transaction (keep it in a table)";
    }
    if (heldWhere(cell, report, CrashWay.PROCESS_KILLED, CrashWay.THREAD_DIES)) {
      return "it holds where only the thread dies at this point: something is known only to the"
          + " memory of the process (keep it in a table)";
    }
    return "everything was rolled back and handled again: what the handler did outside tx stayed"
        + " (another connection, autocommit, an external call, memory); write through tx, send"
        + " through the outbox, or make it idempotent by the message's id";
  }

  private static boolean answerOfCommitLost(Cell cell) {
    return cell.way() == CrashWay.ANSWER_LOST && cell.point() == FaultPoint.P8_COMMITTING;
  }

  private static boolean heldWhere(Cell cell, CrashReport report, CrashWay broken, CrashWay held) {
    return cell.way() == broken
        && report.cell(cell.point(), cell.occurrence(), held).filter(Cell::holds).isPresent();
  }
}
