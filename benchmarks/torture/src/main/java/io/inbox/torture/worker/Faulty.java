package io.inbox.torture.worker;

import io.inbox.Transaction;
import io.inbox.error.UsageException;
import io.inbox.torture.wire.Instruction;
import io.inbox.torture.wire.Saying;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a handler does wrong when it is told to. */
final class Faulty {
  private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(150);

  private final boolean postgres;
  private final Lines lines;

  Faulty(boolean postgres, Lines lines) {
    this.postgres = postgres;
    this.lines = lines;
  }

  void follow(Instruction instruction, Transaction tx) throws SQLException {
    switch (instruction) {
      case NONE -> {}
      case THROW -> throw new IllegalStateException("told to throw");
      case SWALLOW -> swallow(tx.connection());
      case ERROR -> throw new StackOverflowError("told to overflow");
      case OUT_OF_MEMORY -> throw new OutOfMemoryError("told to be out of memory");
      case MISUSE -> misuse(tx.connection());
      case SERIALIZATION -> loseRace(tx.connection());
      case SLOW -> LockSupport.parkNanos(SLOW_NANOS);
    }
  }

  private static void swallow(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1 / 0");
    } catch (SQLException e) {
      // As if nothing had happened.
    }
  }

  /** One way to end or leave a transaction. */
  @FunctionalInterface
  private interface Misuse {
    void of(Connection connection) throws SQLException;
  }

  private void misuse(Connection connection) {
    List<Misuse> ways =
        List.of(
            Connection::commit,
            Connection::rollback,
            it -> it.setAutoCommit(true),
            Connection::close,
            it -> {
              try (Statement statement = it.createStatement()) {
                statement.execute("/* a comment first */ COMMIT");
              }
            });
    for (Misuse way : ways) {
      try {
        way.of(connection);
        throw new IllegalStateException(
            "a handler could end its transaction, way " + ways.indexOf(way));
      } catch (SQLException | UsageException e) {
        // Refused, as it should be.
      } catch (IllegalStateException e) {
        lines.say(new Saying.Complaint(String.valueOf(e.getMessage())));
      }
    }
  }

  private void loseRace(Connection connection) throws SQLException {
    if (!postgres) {
      throw new SQLException("told to lose a race", "40001");
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "DO $$BEGIN RAISE EXCEPTION 'told to lose a race' USING ERRCODE = '40001'; END$$");
    }
  }
}
