package io.inbox.internal;

import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.Records;
import io.inbox.spi.UnitOfWork;
import io.inbox.spi.Watermarks.Mark;
import io.inbox.spi.Watermarks.Move;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Passes the watermark over a message that was not handled, always in the transaction that stores
 * it as a dead letter; and counts the attempts before that, under the lock of the watermark, so
 * that a former owner counts nothing either.
 */
final class MarkedFailure {
  private final Wiring wiring;
  private final OwnedMark mark;

  MarkedFailure(Wiring wiring, OwnedMark mark) {
    this.wiring = wiring;
    this.mark = mark;
  }

  /** Returns the outcome of a message that stood alone in a unit of work that failed. */
  Outcome<Void> outcome(MarkedEntry entry, UnitFailure failure) {
    Outcome<Void> outcome =
        Failures.outcome(
            wiring,
            entry.request,
            failure,
            (unit, cause) -> {
              wiring.store.enter(unit.connection(), mark.key().tenant());
              return count(unit, entry, cause);
            });
    if (outcome instanceof Outcome.DeadLettered) {
      mark.reached(entry.position);
    } else if (outcome instanceof Outcome.Failed<Void> failed && failed.attempt() > 0) {
      mark.failed(entry.position);
    }
    return outcome;
  }

  private Outcome<Void> count(UnitOfWork unit, MarkedEntry entry, Throwable cause)
      throws SQLException {
    Connection connection = unit.connection();
    Records records = wiring.store.records();
    @Nullable Outcome<Void> other = pass(unit, entry, mark.position()); // to where it is: a lock
    if (other != null) {
      return other;
    }
    int attempt =
        records.countAttempt(connection, entry.attempts(mark.key()), Letters.describe(cause));
    if (attempt < wiring.retry.maxAttempts()) {
      return new Outcome.Failed<>(
          entry.request.key(),
          cause,
          Reason.HANDLER_FAILED,
          attempt,
          wiring.retry.backoff(attempt));
    }
    other = pass(unit, entry, entry.position);
    if (other != null) {
      return other;
    }
    Failures.giveUp(
        wiring,
        connection,
        entry.request,
        ClaimAnswer.BUSY, // nothing is claimed: what lies behind is not handled again
        Reason.ATTEMPTS_EXHAUSTED,
        attempt,
        cause);
    records.forgetAttempts(connection, entry.attempts(mark.key()));
    return new Outcome.DeadLettered<>(entry.request.key(), Reason.ATTEMPTS_EXHAUSTED, cause);
  }

  /** Stores what cannot become a message; the entry stands for it and holds its position. */
  Outcome<Void> setAside(
      MarkedEntry entry, Map<String, String> headers, byte @Nullable [] payload, String error) {
    Outcome<Void> outcome =
        OwnTransaction.run(
            wiring,
            mark.key().tenant(),
            unit -> {
              @Nullable Outcome<Void> other = pass(unit, entry, entry.position);
              if (other != null) {
                return other;
              }
              wiring
                  .store
                  .records()
                  .addDeadLetter(
                      unit.connection(),
                      Letters.withoutId(
                          mark.key().tenant(),
                          mark.key().consumer(),
                          MessageLimits.cut(headers),
                          payload,
                          error),
                      null);
              return new Outcome.DeadLettered<>(entry.request.key(), Reason.NO_USABLE_ID, null);
            });
    if (outcome.acknowledge()) {
      mark.reached(entry.position);
    }
    return outcome;
  }

  /** Moves the watermark; returns the outcome if it cannot be, null if it was. */
  private @Nullable Outcome<Void> pass(UnitOfWork unit, MarkedEntry entry, long to)
      throws SQLException {
    Connection connection = unit.connection();
    long known = mark.position();
    Move move = wiring.watermarks.move(connection, mark.key(), mark.at(known), Math.max(known, to));
    if (move == Move.MOVED && known < entry.position) {
      return null;
    }
    if (move == Move.MOVED) {
      entry.behindWatermark();
      return entry.outcome();
    }
    Reason reason = Reason.BUSY;
    if (move == Move.ELSEWHERE) {
      Optional<Mark> now = wiring.watermarks.read(connection, mark.key());
      if (mark.superseded(now)) {
        reason = Reason.FENCED;
      } else {
        mark.reached(now.orElseThrow().position());
        if (mark.position() >= entry.position) {
          entry.behindWatermark();
          return entry.outcome();
        }
      }
    }
    unit.setRollbackOnly();
    entry.notDecided(reason, wiring.backoff(entry.request.message()));
    return entry.outcome();
  }
}
