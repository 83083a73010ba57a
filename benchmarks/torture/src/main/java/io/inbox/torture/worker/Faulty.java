package io.inbox.torture.worker;

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

  private final LostRace lostRace;
  private final Lines lines;

  Faulty(LostRace lostRace, Lines lines) {
    this.lostRace = lostRace;
    this.lines = lines;
  }

  /**
   * Does it, after everything else the handler does.
   *
   * @param account one whose lock the handler holds
   */
  void follow(Instruction instruction, Connection connection, String account) throws SQLException {
    switch (instruction) {
      case NONE, SWALLOW -> {}
      case THROW -> throw new IllegalStateException("told to throw");
      case ERROR -> throw new StackOverflowError("told to overflow");
      case OUT_OF_MEMORY -> throw new OutOfMemoryError("told to be out of memory");
      case MISUSE -> misuse(connection);
      case SERIALIZATION -> {
        lostRace.lose(connection, account);
        lines.say(new Saying.Complaint("a handler that was told to lose a race did not lose it"));
      }
      case SLOW -> LockSupport.parkNanos(SLOW_NANOS);
    }
  }

  /** A write fails, and the handler goes on as if nothing had happened. */
  void swallow(Connection connection) {
    try (Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO applied (number) SELECT 1 / 0");
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
    for (int way = 0; way < ways.size(); way++) {
      try {
        ways.get(way).of(connection);
        lines.say(new Saying.Complaint("a handler could end its transaction, way " + way));
      } catch (SQLException | UsageException e) {
        // Refused, as it should be.
      }
    }
  }
}
