package io.inbox.internal;

import io.inbox.DuplicatePolicy;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.Transaction;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Codec;
import io.inbox.spi.UnitOfWork;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The path of one message, from the delivery to the outcome.
 *
 * <ol>
 *   <li>Validate the key; nothing has touched the database yet.
 *   <li>Begin a transaction and claim the key: one INSERT, which waits (bounded) for a concurrent
 *       one on the same key.
 *   <li>Won: run the handler on a guarded connection, store its result if asked to. Not won: decide
 *       what the delivery is; the handler does not run.
 *   <li>Guard: the transaction must be the one that claimed, and able to commit. Commit.
 *   <li>Anything thrown rolls back everything, the key too. Lost races run again at once; a commit
 *       in doubt is decided by claiming again; a failed handler is counted in a transaction of its
 *       own and given up after the last attempt.
 * </ol>
 *
 * @param <R> what the handler returns
 */
public final class SingleDelivery<R> {
  private final Wiring wiring;
  private final ClaimRequest request;
  private final Work<R> work;
  private final @Nullable Codec<R> resultCodec;
  private final Stopwatch stopwatch = new Stopwatch();
  private final UnitRunner runner;

  private SingleDelivery(
      Wiring wiring, ClaimRequest request, Work<R> work, @Nullable Codec<R> resultCodec) {
    this.wiring = wiring;
    this.request = request;
    this.work = work;
    this.resultCodec = resultCodec;
    this.runner = new UnitRunner(wiring, request.key(), stopwatch);
  }

  /**
   * What runs for a first delivery.
   *
   * @param <R> what it returns
   */
  @FunctionalInterface
  public interface Work<R> {
    @Nullable R run(Transaction tx) throws Exception;
  }

  /** Decides one delivery. */
  public static <R> Outcome<R> of(
      Wiring wiring, Message message, Work<R> work, @Nullable Codec<R> resultCodec) {
    return of(wiring, wiring.request(message), work, resultCodec, null);
  }

  /**
   * Decides one delivery.
   *
   * @param doubt why an earlier run of it may have committed; null if none was
   */
  static <R> Outcome<R> of(
      Wiring wiring,
      ClaimRequest request,
      Work<R> work,
      @Nullable Codec<R> resultCodec,
      @Nullable Throwable doubt) {
    Message message = request.message();
    DeliveryScope scope = DeliveryScope.enter(request.key(), message);
    try {
      SingleDelivery<R> delivery = new SingleDelivery<>(wiring, request, work, resultCodec);
      delivery.runner.afterDoubt(doubt);
      Outcome<R> outcome = delivery.decide();
      Deliveries.delivered(wiring, message, outcome, delivery.stopwatch.stop(), 1);
      return outcome;
    } finally {
      scope.close();
    }
  }

  private Outcome<R> decide() {
    try {
      return runner.run(this::unit);
    } catch (UnitFailure failure) {
      Outcome<R> outcome = Failures.outcome(wiring, request, failure);
      if (failure.culprit() instanceof Error) {
        throw (Error)
            failure.culprit(); // rolled back and counted; the process may be beyond repair, so its
        // owner decides
      }
      if (failure.culprit() instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      return outcome;
    }
  }

  private Outcome<R> unit(UnitOfWork unit) throws Exception {
    Connection connection = unit.connection();
    ClaimAnswer answer = wiring.claims.claim(connection, request);
    stopwatch.claimed();
    if (answer instanceof ClaimAnswer.Won) {
      return wiring.deliveriesExhausted(request.message())
          ? giveUp(connection, answer)
          : handle(unit);
    }
    MessageKey key = request.key();
    if (answer instanceof ClaimAnswer.Lost lost) {
      return lost(unit, lost);
    }
    if (answer instanceof ClaimAnswer.Outside outside) {
      return new Outcome.OutsideWindow<>(
          key, outside.reason(), Losers.store(wiring, connection, request, outside.reason()));
    }
    unit.setRollbackOnly();
    return new Outcome.InFlight<>(key, runner.busy(), wiring.backoff(request.message()));
  }

  private Outcome<R> handle(UnitOfWork unit) throws Exception {
    HandlerTransaction tx = HandlerTransaction.open(unit, wiring, request.message());
    @Nullable R result;
    try {
      result = work.run(tx);
      if (result != null && resultCodec != null) {
        byte[] bytes = resultCodec.encode(result);
        wiring
            .store
            .records()
            .saveResult(
                unit.connection(), request.key(), bytes, ResultSignature.of(request.key(), bytes));
      }
    } catch (Throwable e) {
      throw new HandlerFailure(e, tx.firstError());
    } finally {
      tx.close();
      stopwatch.handled();
    }
    if (request.message().deliveryCount() > 1) {
      tx.forgetAttempts(runner, request.key());
    }
    runner.at(UnitRunner.Step.COMMIT);
    return new Outcome.Processed<>(request.key(), result);
  }

  private Outcome<R> lost(UnitOfWork unit, ClaimAnswer.Lost lost) throws Exception {
    Connection connection = unit.connection();
    MessageKey key = request.key();
    if (Losers.mismatch(request, lost)) {
      return new Outcome.Mismatch<>(
          key, Losers.store(wiring, connection, request, Reason.MISMATCH));
    }
    if (lost.deadLettered()) {
      return new Outcome.DeadLettered<>(key, Reason.SAME_KEY, null);
    }
    wiring.duplicate(unit, key);
    return new Outcome.Duplicate<>(key, lost.handledAt(), firstResult(connection), Reason.SAME_KEY);
  }

  private @Nullable R firstResult(Connection connection) throws Exception {
    if (resultCodec == null || wiring.duplicates != DuplicatePolicy.RETURN_FIRST_RESULT) {
      return null;
    }
    Optional<byte[]> stored = Losers.firstResult(wiring, connection, request.key());
    if (stored.isEmpty()) {
      return null;
    }
    try {
      return resultCodec.decode(stored.get());
    } catch (Exception e) {
      Deliveries.undecodable(request.key(), e);
      return null; // it is a duplicate all the same: refusing it would bring it again for ever
    }
  }

  private Outcome<R> giveUp(Connection connection, ClaimAnswer answer) throws SQLException {
    Failures.giveUp(wiring, connection, request, answer, Reason.DELIVERIES_EXHAUSTED, 0, null);
    return new Outcome.DeadLettered<>(request.key(), Reason.DELIVERIES_EXHAUSTED, null);
  }
}
