package io.inbox.internal;

import io.inbox.MessageKey;
import io.inbox.Reason;
import io.inbox.error.CommitInDoubtException;
import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.UsageException;
import io.inbox.spi.SqlError;
import io.inbox.spi.UnitOfWork;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Runs one unit of work until it commits or fails for good: again at once after a lost race
 * (bounded, with jitter), and once more after a commit in doubt, because claiming the key again is
 * the only safe way to learn what happened.
 */
final class UnitRunner {
  private static final int ROUNDS = 6;

  private final Wiring wiring;
  private final MessageKey key;
  private final Stopwatch stopwatch;
  private Step step = Step.CONNECT;
  private @Nullable Throwable doubt;

  UnitRunner(Wiring wiring, MessageKey key, Stopwatch stopwatch) {
    this.wiring = wiring;
    this.key = key;
    this.stopwatch = stopwatch;
  }

  /** How far the unit has come: it decides whose fault an error is. */
  enum Step {
    CONNECT,
    CLAIM,
    COMMIT
  }

  /** The unit. It calls {@link #at} as it goes on. */
  @FunctionalInterface
  interface Unit<T> {
    T run(UnitOfWork unit) throws Exception;
  }

  /** An earlier run, of another kind, may have committed. */
  void afterDoubt(@Nullable Throwable earlier) {
    doubt = earlier;
  }

  void at(Step reached) {
    step = reached;
  }

  /** Returns whether an earlier run may have committed: who holds the key may be that run. */
  boolean inDoubt() {
    return doubt != null;
  }

  /** Returns why a key that another transaction holds cannot be decided. */
  Reason busy() {
    return inDoubt() ? Reason.COMMIT_IN_DOUBT : Reason.BUSY;
  }

  <T> T run(Unit<T> work) throws UnitFailure {
    wiring.prepareBuckets();
    for (int round = 1; ; round++) {
      Throwable error;
      Reason reason;
      boolean foreign = false;
      boolean ofHandler = false;
      try {
        return once(work);
      } catch (HandlerFailure e) {
        error = e.thrown();
        reason = ofHandler(e);
        foreign = e.firstError() == null;
        ofHandler = true;
      } catch (CommitInDoubtException e) {
        boolean stands =
            e.code()
                .equals(
                    "IBX-322"); // committed here, perhaps not on the standby: asking again would
        // tell nothing new
        if (doubt != null || stands) {
          throw new UnitFailure(Reason.COMMIT_IN_DOUBT, e, false);
        }
        doubt = e;
        error = e;
        reason = Reason.COMMIT_IN_DOUBT;
      } catch (Exception e) {
        error = e;
        reason = ofLibrary(e);
      }
      boolean again =
          reason.equals(Reason.CONTENTION) ? round < ROUNDS : reason.equals(Reason.COMMIT_IN_DOUBT);
      if (!again) {
        if (foreign && reason.equals(Reason.CONTENTION)) {
          reason = Reason.HANDLER_FAILED; // it does not come from this database, so it counts
        }
        throw new UnitFailure(
            doubt != null && !reason.equals(Reason.HANDLER_FAILED)
                ? Reason.COMMIT_IN_DOUBT
                : reason,
            error,
            ofHandler);
      }
      Deliveries.retried(wiring, key, reason, round, error);
      if (!Pause.beforeRound(round)) {
        throw new UnitFailure(
            doubt != null ? Reason.COMMIT_IN_DOUBT : Reason.CONTENTION, error, ofHandler);
      }
    }
  }

  private <T> T once(Unit<T> work) throws Exception {
    step = Step.CONNECT;
    stopwatch.begin();
    return wiring.transactions.inTransaction(
        unit -> {
          stopwatch.connected();
          step = Step.CLAIM;
          wiring.store.enter(unit.connection(), key.tenant());
          return work.run(unit);
        });
  }

  /**
   * Only a statement that failed on this very connection can blame the database: the handler may
   * have asked other databases, too. A lost race may run again at once wherever it was lost.
   */
  private static Reason ofHandler(HandlerFailure failure) {
    if (failure.thrown() instanceof InterruptedException) {
      return Reason.INTERRUPTED;
    }
    if (failure.thrown() instanceof RetryLaterException) {
      return Reason.BUSY; // the handler claimed another key, which is held
    }
    @Nullable SQLException first = failure.firstError();
    if (first != null) {
      return ofStatement(first);
    }
    boolean lostRace = SqlError.of(failure.thrown()) == SqlError.RETRY;
    return lostRace ? Reason.CONTENTION : Reason.HANDLER_FAILED;
  }

  private static Reason ofStatement(Throwable error) {
    return switch (SqlError.of(error)) {
      case RETRY -> Reason.CONTENTION;
      case UNAVAILABLE -> Reason.DATABASE_UNAVAILABLE;
      default -> Reason.HANDLER_FAILED;
    };
  }

  /**
   * Classifies an error of the library's own statements; throws where neither the message nor the
   * moment is to blame.
   */
  private Reason ofLibrary(Exception error) {
    if (error instanceof UsageException && step == Step.COMMIT) {
      return error.getCause() == null ? Reason.HANDLER_FAILED : ofStatement(error.getCause());
    }
    if (error instanceof InboxException inboxException) {
      throw inboxException;
    }
    if (step == Step.CONNECT) {
      return Reason.DATABASE_UNAVAILABLE;
    }
    switch (SqlError.of(error)) {
      case RETRY -> {
        return Reason.CONTENTION;
      }
      case UNAVAILABLE -> {
        return Reason.DATABASE_UNAVAILABLE;
      }
      case UNIQUE_VIOLATION -> {
        return step == Step.CLAIM ? Reason.CONTENTION : Reason.HANDLER_FAILED;
      }
      case LOCK_TIMEOUT, CANCELLED -> {
        return step == Step.CLAIM ? Reason.DATABASE_UNAVAILABLE : Reason.HANDLER_FAILED;
      }
      default -> {
        if (step == Step.COMMIT) {
          return Reason.HANDLER_FAILED; // a deferred constraint, most likely
        }
        throw DatabaseErrors.translated(error);
      }
    }
  }
}
