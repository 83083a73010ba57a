package io.inbox.internal;

import io.inbox.BatchHandler;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.UnitOfWork;
import io.inbox.spi.Watermarks;
import io.inbox.spi.Watermarks.Mark;
import io.inbox.spi.Watermarks.Move;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * One transaction of an owned partition: moves the watermark to the last position, then runs the
 * handler for those that lay before it. The move comes first, because it decides which are fresh
 * and because its row's lock keeps every other owner out until the commit.
 */
final class MarkedUnit {
  private static final int ROUNDS = 4;

  private final Wiring wiring;
  private final OwnedMark mark;
  private final BatchHandler handler;
  private final List<MarkedEntry> entries;
  private final Stopwatch stopwatch;
  private final UnitRunner runner;
  private long reached = Watermarks.NONE;

  MarkedUnit(
      Wiring wiring,
      OwnedMark mark,
      BatchHandler handler,
      List<MarkedEntry> entries,
      Stopwatch stopwatch,
      UnitRunner runner) {
    this.wiring = wiring;
    this.mark = mark;
    this.handler = handler;
    this.entries = entries;
    this.stopwatch = stopwatch;
    this.runner = runner;
  }

  /** Returns where the watermark stands if the transaction has committed. */
  long reached() {
    return reached;
  }

  /** Decides every entry; a unit that decided nothing is rolled back. */
  MarkedUnit run(UnitOfWork unit) throws Exception {
    reached = Watermarks.NONE; // what an earlier run moved may have been rolled back
    int fresh = move(unit);
    stopwatch.claimed();
    if (fresh < 0) {
      unit.setRollbackOnly();
      return this;
    }
    entries.subList(0, fresh).forEach(MarkedEntry::behindWatermark);
    List<MarkedEntry> won = entries.subList(fresh, entries.size());
    if (won.size() == 1 && wiring.deliveriesExhausted(won.get(0).request.message())) {
      giveUp(unit.connection(), won.get(0));
    } else if (!won.isEmpty()) {
      handle(unit, won);
    }
    return this;
  }

  /** Returns how many entries lie behind the watermark, -1 if nothing can be decided. */
  private int move(UnitOfWork unit) throws SQLException {
    Connection connection = unit.connection();
    long known = mark.position();
    for (int round = 0; round < ROUNDS; round++) {
      int fresh = firstBehind(known);
      if (fresh < entries.size()) {
        long last = entries.get(entries.size() - 1).position;
        Move move = wiring.watermarks.move(connection, mark.key(), mark.at(known), last);
        if (move == Move.MOVED) {
          reached = last;
          return fresh;
        }
        if (move == Move.BUSY) {
          return undecided(runner.busy());
        }
      }
      Optional<Mark> now = wiring.watermarks.read(connection, mark.key());
      if (mark.superseded(now)) {
        return undecided(Reason.FENCED);
      }
      known = now.orElseThrow().position();
      mark.reached(known); // another transaction's, so it is committed
      reached = known;
      if (firstBehind(known) == entries.size()) {
        return entries.size();
      }
    }
    return undecided(Reason.BUSY);
  }

  /** Returns the index of the first entry that does not lie at or behind a position. */
  private int firstBehind(long known) {
    int index = 0;
    while (index < entries.size() && entries.get(index).position <= known) {
      index++;
    }
    return index;
  }

  private int undecided(Reason reason) {
    for (MarkedEntry entry : entries) {
      entry.notDecided(reason, wiring.backoff(entry.request.message()));
    }
    return -1;
  }

  private void handle(UnitOfWork unit, List<MarkedEntry> won) throws Exception {
    List<Message> messages = new ArrayList<>(won.size());
    won.forEach(entry -> messages.add(entry.request.message()));
    HandlerTransaction tx =
        HandlerTransaction.open(unit, wiring, won.size() == 1 ? messages.get(0) : null);
    try {
      handler.handle(Collections.unmodifiableList(messages), tx);
    } catch (Throwable e) {
      throw new HandlerFailure(e, tx.firstError());
    } finally {
      tx.close();
      stopwatch.handled();
    }
    for (MarkedEntry entry : won) {
      if (entry.position == mark.failing()) {
        tx.forgetAttempts(runner, entry.attempts(mark.key()));
      }
      entry.processed();
    }
    runner.at(UnitRunner.Step.COMMIT);
  }

  private void giveUp(Connection connection, MarkedEntry entry) throws SQLException {
    // Nothing is claimed: what lies behind the watermark is not handled again.
    Failures.giveUp(
        wiring, connection, entry.request, ClaimAnswer.BUSY, Reason.DELIVERIES_EXHAUSTED, 0, null);
    entry.outcome =
        new Outcome.DeadLettered<>(entry.request.key(), Reason.DELIVERIES_EXHAUSTED, null);
  }
}
