package io.inbox.internal;

import io.inbox.BatchHandler;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.Claims;
import io.inbox.spi.UnitOfWork;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One transaction of a batch. */
final class BatchUnit {
  private final Wiring wiring;
  private final BatchHandler handler;
  private final List<Entry> entries;
  private final List<Entry> sorted;
  private final List<ClaimRequest> requests;
  private final Claims claims;
  private final Stopwatch stopwatch;
  private final UnitRunner runner;

  BatchUnit(
      Wiring wiring,
      BatchHandler handler,
      List<Entry> entries,
      boolean hasty,
      Stopwatch stopwatch,
      UnitRunner runner) {
    this.wiring = wiring;
    this.handler = handler;
    this.entries = entries;
    this.sorted = new ArrayList<>(entries);
    this.sorted.sort(Comparator.comparing(entry -> entry.request.key()));
    this.requests = new ArrayList<>(sorted.size());
    for (Entry entry : sorted) {
      requests.add(entry.request);
    }
    this.claims = hasty ? wiring.hastyClaims : wiring.claims;
    this.stopwatch = stopwatch;
    this.runner = runner;
  }

  /** One distinct key of the batch and what became of it. */
  static final class Entry {
    final ClaimRequest request;
    @Nullable Outcome<Void> outcome;
    private boolean won;

    Entry(ClaimRequest request) {
      this.request = request;
    }

    /**
     * Returns whether this entry stands for this very delivery, and not for a repeat of its key.
     */
    @SuppressWarnings("ReferenceEquality") // identity is the point: a repeat has an equal key
    boolean isFor(ClaimRequest delivery) {
      return request == delivery;
    }

    Outcome<Void> outcome() {
      return Objects.requireNonNull(outcome, "every delivery gets an outcome");
    }
  }

  /** Runs the unit; returns false if a key was busy, so that the batch must be halved. */
  boolean run(UnitOfWork unit) throws Exception {
    List<ClaimAnswer> answers = claims.claimAll(unit.connection(), requests);
    stopwatch.claimed();
    if (answers.get(0) instanceof ClaimAnswer.Busy) {
      unit.setRollbackOnly();
      for (Entry entry : entries) {
        entry.outcome =
            new Outcome.InFlight<>(
                entry.request.key(), runner.busy(), wiring.backoff(entry.request.message()));
      }
      return runner.inDoubt(); // the lost run holds all the keys: halving would wait for each
    }
    for (int i = 0; i < sorted.size(); i++) {
      Entry entry = sorted.get(i);
      entry.won = answers.get(i) instanceof ClaimAnswer.Won;
      entry.outcome = outcome(unit, entry.request, answers.get(i));
    }
    List<Message> fresh = fresh();
    if (!fresh.isEmpty()) {
      handle(unit, fresh);
    }
    return true;
  }

  private List<Message> fresh() {
    List<Message> fresh = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      if (entry.won) {
        fresh.add(entry.request.message());
      }
    }
    return Collections.unmodifiableList(fresh);
  }

  private void handle(UnitOfWork unit, List<Message> fresh) throws Exception {
    HandlerTransaction tx = HandlerTransaction.open(unit, wiring, null);
    try {
      handler.handle(fresh, tx);
    } catch (HandlerFailure e) {
      throw e; // of one of the handlers that share the transaction
    } catch (Throwable e) {
      throw new HandlerFailure(e, tx.firstError());
    } finally {
      tx.close();
      stopwatch.handled();
    }
    runner.at(UnitRunner.Step.COMMIT);
  }

  private Outcome<Void> outcome(UnitOfWork unit, ClaimRequest request, ClaimAnswer answer)
      throws SQLException {
    Connection connection = unit.connection();
    MessageKey key = request.key();
    if (answer instanceof ClaimAnswer.Won) {
      return new Outcome.Processed<>(key, null);
    }
    if (answer instanceof ClaimAnswer.Outside outside) {
      return new Outcome.OutsideWindow<>(
          key, outside.reason(), Losers.store(wiring, connection, request, outside.reason()));
    }
    ClaimAnswer.Lost lost = (ClaimAnswer.Lost) answer;
    if (Losers.mismatch(request, lost)) {
      return new Outcome.Mismatch<>(
          key, Losers.store(wiring, connection, request, Reason.MISMATCH));
    }
    if (lost.deadLettered()) {
      return new Outcome.DeadLettered<>(key, Reason.SAME_KEY, null);
    }
    wiring.duplicate(unit, key);
    return new Outcome.Duplicate<>(key, lost.handledAt(), null, Reason.SAME_KEY);
  }
}
