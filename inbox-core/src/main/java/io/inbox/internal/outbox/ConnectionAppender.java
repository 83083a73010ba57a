package io.inbox.internal.outbox;

import io.inbox.Message;
import io.inbox.error.RetryLaterException;
import io.inbox.error.UsageException;
import io.inbox.internal.DatabaseErrors;
import io.inbox.internal.GuardedConnection;
import io.inbox.outbox.OutboxAppender;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.SqlError;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** Writes at once, in a transaction whose end it cannot see. */
public final class ConnectionAppender implements OutboxAppender {
  private final OutboxWriter writer;
  private final Connection connection;

  public ConnectionAppender(OutboxWriter writer, Connection given) {
    this.writer = writer;
    this.connection = GuardedConnection.unguarded(given);
  }

  @Override
  public UUID append(OutboxMessage message) {
    return write(message, null);
  }

  @Override
  public UUID append(OutboxMessage message, Message cause) {
    return write(message, cause);
  }

  private UUID write(OutboxMessage message, @Nullable Message cause) {
    OutboxMessage complete = OutboxWriter.completed(message, cause);
    writer.check(complete);
    try {
      requireTransaction();
      // The commit comes later: whoever is woken looks again for a while.
      writer.wake(writer.write(connection, List.of(new Buffer.Entry(complete, null))));
      return complete.id();
    } catch (SQLException e) {
      throw explained(complete, e);
    } catch (DataAccessException e) {
      throw explained(complete, SqlError.in(e).orElseThrow(() -> e));
    }
  }

  private void requireTransaction() throws SQLException {
    if (connection.isClosed()) {
      throw new UsageException(
          "IBX-307", "the connection is closed (append before the transaction ends)");
    }
    if (connection.getAutoCommit()) {
      throw new UsageException(
          "IBX-304",
          "the connection is in autocommit mode: the message would be sent whatever becomes of the business writes (call setAutoCommit(false), or append in a unit of work)");
    }
  }

  private static RuntimeException explained(OutboxMessage message, SQLException error) {
    return switch (SqlError.of(error)) {
      case RETRY, UNAVAILABLE, LOCK_TIMEOUT, CANCELLED ->
          new RetryLaterException(
              "IBX-325",
              "outbox message "
                  + message.id()
                  + " could not be appended, SQLSTATE "
                  + error.getSQLState()
                  + ": roll the transaction back and run all of it again",
              error);
      default -> DatabaseErrors.translated(error);
    };
  }
}
