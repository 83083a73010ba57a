package io.inbox.internal;

import io.inbox.Claim;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Reason;
import io.inbox.error.RetryLaterException;
import io.inbox.error.UsageException;
import io.inbox.spi.ClaimAnswer;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.CommitGuard;
import io.inbox.spi.SqlError;
import io.inbox.spi.UnitOfWork;
import io.inbox.spi.UnitOfWork.CommitStep;
import java.sql.Connection;
import java.sql.SQLException;
import org.jooq.exception.DataAccessException;

/** Claims a key in a transaction that the caller owns. */
public final class JoinedClaim {
  private static final String IN_FAILED_TRANSACTION = "25P02";

  private JoinedClaim() {}

  /** Claims in a unit of work and puts the commit guard before its commit. */
  public static Claim in(Wiring wiring, UnitOfWork unit, Message message) {
    try {
      Claim claim = on(wiring, unit.connection(), message);
      // For every answer: a copy that is not handled is written as a dead letter, and must be kept.
      unit.resource(Guarded.class, () -> Guarded.of(wiring, unit));
      return claim;
    } catch (RuntimeException e) {
      unit.setRollbackOnly(); // even if the caller swallows it
      throw e;
    }
  }

  /** Claims on a bare connection: the commit is out of reach, so nothing guards it. */
  public static Claim on(Wiring wiring, Connection given, Message message) {
    Connection connection = GuardedConnection.unguarded(given);
    ClaimRequest request = wiring.request(message);
    MessageKey key = request.key();
    try {
      if (connection.isClosed()) {
        throw new UsageException(
            "IBX-307", "the connection is closed (claim before the transaction ends)");
      }
      if (connection.getAutoCommit()) {
        throw new UsageException(
            "IBX-304",
            "the connection is in autocommit mode: key and business writes would commit apart (call setAutoCommit(false), or use Inbox.process)");
      }
      wiring.store.enter(connection, key.tenant());
      return claim(wiring, connection, request, wiring.claims.claim(connection, request));
    } catch (SQLException e) {
      throw explained(key, e);
    } catch (DataAccessException e) {
      throw explained(key, SqlError.in(e).orElseThrow(() -> e));
    }
  }

  private static Claim claim(
      Wiring wiring, Connection connection, ClaimRequest request, ClaimAnswer answer)
      throws SQLException {
    MessageKey key = request.key();
    if (answer instanceof ClaimAnswer.Won) {
      return new Claim.First(key);
    }
    if (answer instanceof ClaimAnswer.Lost lost) {
      if (Losers.mismatch(request, lost)) {
        return new Claim.Mismatch(key, Losers.store(wiring, connection, request, Reason.MISMATCH));
      }
      return lost.deadLettered()
          ? new Claim.DeadLettered(key, lost.handledAt())
          : new Claim.Duplicate(key, lost.handledAt(), Reason.SAME_KEY);
    }
    if (answer instanceof ClaimAnswer.Outside outside) {
      return new Claim.OutsideWindow(
          key, outside.reason(), Losers.store(wiring, connection, request, outside.reason()));
    }
    throw new RetryLaterException(
        "IBX-320",
        "another transaction holds "
            + key
            + " and did not end within "
            + wiring.policy.maxWait()
            + ": roll this transaction back and deliver the message again later");
  }

  private static RuntimeException explained(MessageKey key, SQLException error) {
    if (IN_FAILED_TRANSACTION.equals(error.getSQLState())) {
      return new UsageException(
          "IBX-305",
          "the transaction has failed already, an earlier statement's error was swallowed: roll it back, "
              + key
              + " was not claimed",
          error);
    }
    return switch (SqlError.of(error)) {
      case RETRY, UNAVAILABLE, UNIQUE_VIOLATION, LOCK_TIMEOUT, CANCELLED ->
          new RetryLaterException(
              "IBX-325",
              key
                  + " could not be claimed, SQLSTATE "
                  + error.getSQLState()
                  + ": roll the transaction back and run all of it again",
              error);
      default -> DatabaseErrors.translated(error);
    };
  }

  /** Marks a unit of work that has its guard. */
  private record Guarded() {
    static Guarded of(Wiring wiring, UnitOfWork unit) {
      try {
        CommitGuard guard = wiring.store.guard();
        Object mark = guard.mark(unit.connection());
        unit.beforeCommit(CommitStep.GUARD, () -> guard.verify(unit.connection(), mark));
        return new Guarded();
      } catch (SQLException e) {
        throw DatabaseErrors.translated(e);
      }
    }
  }
}
