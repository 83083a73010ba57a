package io.inbox.internal;

import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Records;
import io.inbox.spi.SqlError;
import io.inbox.spi.UnitOfWork;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts a failed attempt in a transaction of its own and gives the message up after the last one.
 */
final class Failures {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.Inbox");
  private static final int ROUNDS = 5;

  private Failures() {}

  /** What is done in the transaction that counts an attempt. */
  @FunctionalInterface
  interface Counting<R> {
    Outcome<R> count(UnitOfWork unit, Throwable cause) throws SQLException;
  }

  /** Returns the outcome of a delivery whose unit of work failed. */
  static <R> Outcome<R> outcome(Wiring wiring, ClaimRequest request, UnitFailure failure) {
    return outcome(wiring, request, failure, (unit, cause) -> count(wiring, unit, request, cause));
  }

  /** The same; an attempt that is the handler's fault is counted by the caller's statements. */
  static <R> Outcome<R> outcome(
      Wiring wiring, ClaimRequest request, UnitFailure failure, Counting<R> counting) {
    MessageKey key = request.key();
    if (failure.reason().equals(Reason.COMMIT_IN_DOUBT)) {
      return new Outcome.InFlight<>(key, Reason.COMMIT_IN_DOUBT, wiring.backoff(request.message()));
    }
    if (!failure.reason().equals(Reason.HANDLER_FAILED)) {
      return new Outcome.Failed<>(
          key, failure.culprit(), failure.reason(), 0, wiring.backoff(request.message()));
    }
    try {
      return counted(wiring, counting, failure.culprit());
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      LOG.error(
          "A failed attempt of {} could not be recorded; it is not acknowledged and will be delivered again",
          key,
          e);
      failure.culprit().addSuppressed(e);
      return new Outcome.Failed<>(
          key, failure.culprit(), Reason.HANDLER_FAILED, 0, wiring.backoff(request.message()));
    }
  }

  private static <R> Outcome<R> counted(Wiring wiring, Counting<R> counting, Throwable cause)
      throws Exception {
    for (int round = 1; ; round++) {
      try {
        return wiring.transactions.inTransaction(unit -> counting.count(unit, cause));
      } catch (Exception e) {
        SqlError error = SqlError.of(e);
        boolean lostRace = error == SqlError.RETRY || error == SqlError.UNIQUE_VIOLATION;
        if (!lostRace || round == ROUNDS || !Pause.beforeRound(round)) {
          throw e;
        }
      }
    }
  }

  private static <R> Outcome<R> count(
      Wiring wiring, UnitOfWork unit, ClaimRequest request, Throwable cause) throws SQLException {
    Connection connection = unit.connection();
    Records records = wiring.store.records();
    wiring.store.enter(connection, request.key().tenant());
    int attempt = records.countAttempt(connection, request.key(), Letters.describe(cause));
    if (attempt < wiring.retry.maxAttempts()) {
      return new Outcome.Failed<>(
          request.key(), cause, Reason.HANDLER_FAILED, attempt, wiring.retry.backoff(attempt));
    }
    ClaimAnswer answer = wiring.claims.claim(connection, request);
    if (answer instanceof ClaimAnswer.Busy) {
      unit.setRollbackOnly(); // another delivery is handling it right now and decides
      return new Outcome.InFlight<>(request.key(), Reason.BUSY, wiring.backoff(request.message()));
    }
    if (answer instanceof ClaimAnswer.Lost lost) {
      if (Losers.mismatch(request, lost)) {
        return new Outcome.Mismatch<>(
            request.key(), Losers.store(wiring, connection, request, Reason.MISMATCH));
      }
      return lost.deadLettered()
          ? new Outcome.DeadLettered<>(request.key(), Reason.SAME_KEY, cause)
          : new Outcome.Duplicate<>(request.key(), lost.handledAt(), null, Reason.SAME_KEY);
    }
    giveUp(wiring, connection, request, answer, Reason.ATTEMPTS_EXHAUSTED, attempt, cause);
    return new Outcome.DeadLettered<>(request.key(), Reason.ATTEMPTS_EXHAUSTED, cause);
  }

  /**
   * Stores the dead letter and, where the claim was won, makes the key's row terminal: one
   * transaction.
   */
  static void giveUp(
      Wiring wiring,
      Connection connection,
      ClaimRequest request,
      ClaimAnswer answer,
      Reason reason,
      int attempts,
      @Nullable Throwable cause)
      throws SQLException {
    Records records = wiring.store.records();
    records.addDeadLetter(connection, Letters.of(request, reason, attempts, cause), null);
    if (answer instanceof ClaimAnswer.Won) {
      records.markDeadLettered(connection, request.key());
    }
    records.forgetAttempts(connection, request.key());
  }
}
