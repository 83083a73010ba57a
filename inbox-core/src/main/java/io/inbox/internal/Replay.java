package io.inbox.internal;

import io.inbox.DeadLetter;
import io.inbox.Handler;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.UsageException;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Records;
import io.inbox.spi.UnitOfWork;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Handles one dead letter again: its end, its key and the handler's writes are one transaction. */
final class Replay {
  private final Wiring wiring;
  private final DeadLetter letter;
  private final @Nullable String reason;
  private final Message message;
  private final ClaimRequest request;
  private final Handler handler;
  private final Stopwatch stopwatch = new Stopwatch();
  private final UnitRunner runner;
  private boolean reachedCommit;

  private Replay(
      Wiring wiring,
      DeadLetter letter,
      @Nullable String reason,
      Function<Message, Handler> handler) {
    this.wiring = wiring;
    this.letter = letter;
    this.reason = reason;
    this.message = message(letter, true);
    this.request = wiring.unbounded(message, message(letter, false));
    this.handler = handler.apply(message);
    this.runner = new UnitRunner(wiring, request.key(), stopwatch);
  }

  static Outcome<Void> of(
      Wiring wiring,
      DeadLetter letter,
      @Nullable String reason,
      Function<Message, Handler> handler) {
    Replay replay = new Replay(wiring, letter, reason, handler);
    DeliveryScope scope = DeliveryScope.enter(replay.request.key(), replay.message);
    try {
      Outcome<Void> outcome = replay.decide();
      Deliveries.delivered(wiring, replay.message, outcome, replay.stopwatch.stop(), 1);
      return outcome;
    } finally {
      scope.close();
    }
  }

  private Outcome<Void> decide() {
    try {
      return runner.run(this::unit);
    } catch (UnitFailure failure) {
      if (failure.culprit() instanceof Error) {
        throw (Error) failure.culprit();
      }
      if (failure.culprit() instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      Duration later = wiring.retry.backoff(1);
      return failure.reason().equals(Reason.COMMIT_IN_DOUBT)
          ? new Outcome.InFlight<>(request.key(), Reason.COMMIT_IN_DOUBT, later)
          : new Outcome.Failed<>(request.key(), failure.culprit(), failure.reason(), 0, later);
    }
  }

  private Outcome<Void> unit(UnitOfWork unit) throws Exception {
    Connection connection = unit.connection();
    Records records = wiring.store.records();
    DeadLetter now =
        records
            .deadLetter(connection, letter.tenant(), letter.consumer(), letter.id(), true)
            .orElseThrow(
                () -> new UsageException("IBX-705", "dead letter " + letter.id() + " is gone"));
    if (reachedCommit && now.state() == DeadLetter.State.REPLAYED) {
      return new Outcome.Processed<>(request.key(), null); // the commit in doubt had happened
    }
    DeadLetterDesk.requireOpen(now);
    ClaimAnswer answer = wiring.claims.claim(connection, request);
    stopwatch.claimed();
    if (answer instanceof ClaimAnswer.Busy) {
      unit.setRollbackOnly();
      return new Outcome.InFlight<>(
          request.key(), runner.busy(), wiring.backoff(request.message()));
    }
    boolean handledBefore = answer instanceof ClaimAnswer.Lost lost && !lost.deadLettered();
    if (handledBefore && givenUp()) {
      ClaimAnswer.Lost winner = (ClaimAnswer.Lost) answer;
      if (!Losers.mismatch(request, winner)) {
        return new Outcome.Duplicate<>(request.key(), winner.handledAt(), null, Reason.SAME_KEY);
      }
      DeadLetterDesk.requireReason(
          reason,
          "another copy of " + request.key() + " was handled meanwhile; replaying this one");
    }
    handle(unit);
    // From here on, what the database refuses is the handler's doing.
    runner.at(UnitRunner.Step.COMMIT);
    if (!handledBefore) {
      records.markHandled(connection, request.key(), request.fingerprint(), time());
    }
    records.resolve(
        connection,
        letter.id(),
        DeadLetter.State.REPLAYED,
        reason == null ? null : Letters.clean(reason));
    reachedCommit = true;
    return new Outcome.Processed<>(request.key(), null);
  }

  /**
   * The later one of the message's time and its key's: a row that could not go into its bucket is
   * kept until both have left the window.
   */
  private @Nullable Instant time() {
    @Nullable Instant time = letter.time().orElse(null);
    @Nullable Instant keyTime = request.keyTime();
    return time == null || (keyTime != null && keyTime.isAfter(time)) ? keyTime : time;
  }

  /** Whether the letter's key was given up, so that replaying it cannot double anything. */
  private boolean givenUp() {
    return letter.reason().equals(Reason.ATTEMPTS_EXHAUSTED)
        || letter.reason().equals(Reason.DELIVERIES_EXHAUSTED);
  }

  private void handle(UnitOfWork unit) throws Exception {
    HandlerTransaction tx = HandlerTransaction.open(unit, wiring, request.message());
    try {
      handler.handle(tx);
    } catch (Throwable e) {
      throw new HandlerFailure(e, tx.firstError());
    } finally {
      tx.close();
      stopwatch.handled();
    }
  }

  private static Message message(DeadLetter letter, boolean timed) {
    @Nullable MessageKey key = letter.key().orElse(null);
    Message.Builder builder =
        key == null
            ? Message.builder(String.valueOf(letter.id()))
                .source("dead-letter") // its own id is the only one it has
            : Message.builder(key.messageId()).source(key.source());
    return builder
        .tenant(letter.tenant())
        .time(timed ? letter.time().orElse(null) : null)
        .subject(letter.subject().orElse(null))
        .correlationId(letter.correlationId().orElse(null))
        .headers(letter.headers())
        .payload(letter.payload().orElse(null))
        .build();
  }
}
