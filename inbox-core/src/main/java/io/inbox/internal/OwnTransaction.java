package io.inbox.internal;

import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.SqlError;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs short work of the library itself in a transaction of its own, again after a lost race. */
public final class OwnTransaction {
  private static final int ROUNDS = 5;

  private OwnTransaction() {}

  /** Returns whether a committed row holds the message's key; leaves nothing behind. */
  public static boolean known(Wiring wiring, Message message) {
    ClaimRequest request = wiring.request(message);
    return run(
        wiring,
        request.key().tenant(),
        unit -> {
          unit.setRollbackOnly();
          return wiring.claims.claim(unit.connection(), request) instanceof ClaimAnswer.Lost;
        });
  }

  /** Records keys of one tenant as handled; returns how many were new. */
  public static int backfill(Wiring wiring, String tenant, Map<MessageKey, Instant> handled) {
    try {
      return run(
          wiring, tenant, unit -> wiring.store.records().backfill(unit.connection(), handled));
    } catch (RetryLaterException e) {
      if (handled.size() < 2 || SqlError.of(e) != SqlError.UNIQUE_VIOLATION) {
        throw e;
      }
    }
    // In every round a live message got in between: fewer keys at a time meet fewer of them.
    Map<MessageKey, Instant> head = new LinkedHashMap<>();
    Map<MessageKey, Instant> tail = new LinkedHashMap<>();
    handled.forEach((key, at) -> (head.size() < handled.size() / 2 ? head : tail).put(key, at));
    return backfill(wiring, tenant, head) + backfill(wiring, tenant, tail);
  }

  static <T> T run(Wiring wiring, String tenant, UnitRunner.Unit<T> work) {
    Nesting.refuse("a transaction of its own");
    for (int round = 1; ; round++) {
      try {
        return wiring.transactions.inTransaction(
            unit -> {
              wiring.store.enter(unit.connection(), tenant);
              return work.run(unit);
            });
      } catch (InboxException e) {
        throw e;
      } catch (Exception e) {
        SqlError error = SqlError.of(e);
        boolean lostRace = error == SqlError.RETRY || error == SqlError.UNIQUE_VIOLATION;
        if (lostRace && round < ROUNDS && Pause.beforeRound(round)) {
          continue;
        }
        throw lostRace || error == SqlError.UNAVAILABLE
            ? new RetryLaterException(
                "IBX-323",
                "the tables of consumer "
                    + wiring.consumer()
                    + " cannot be reached now, or are contended (try again)",
                e)
            : DatabaseErrors.translated(e);
      }
    }
  }
}
