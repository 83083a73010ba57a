package io.inbox.internal.outbox;

import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.error.UsageException;
import io.inbox.outbox.OutboxAppender;
import io.inbox.outbox.OutboxMessage;
import io.inbox.spi.UnitOfWork;
import io.inbox.spi.UnitOfWork.Revertible;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Appends to the buffer of a unit of work. */
public final class UnitAppender implements OutboxAppender {
  private final Buffer buffer;
  private final @Nullable Message cause;
  private final @Nullable String keepFor;
  private final Runnable check;

  private UnitAppender(
      Buffer buffer, @Nullable Message cause, @Nullable String keepFor, Runnable check) {
    this.buffer = buffer;
    this.cause = cause;
    this.keepFor = keepFor;
    this.check = check;
  }

  /** Returns an appender for a unit of work. */
  public static OutboxAppender in(OutboxWriter writer, UnitOfWork unit) {
    return new UnitAppender(writer.buffer(unit), null, null, () -> {});
  }

  /**
   * Returns an appender for a handler.
   *
   * @param cause the message being handled; null where there are several
   * @param keepFor the consumer whose duplicates send the messages again; null if they do not
   * @param check throws when the handler may not append
   */
  public static UnitAppender in(
      OutboxWriter writer,
      UnitOfWork unit,
      @Nullable Message cause,
      @Nullable String keepFor,
      Runnable check) {
    return new UnitAppender(writer.buffer(unit), cause, keepFor, check);
  }

  /** Returns what must follow the transaction's savepoints. */
  public Revertible revertible() {
    return buffer;
  }

  @Override
  public UUID append(OutboxMessage message) {
    return add(message, cause);
  }

  @Override
  public UUID append(OutboxMessage message, Message cause) {
    return add(message, cause);
  }

  private UUID add(OutboxMessage message, @Nullable Message causedBy) {
    check.run();
    if (keepFor != null && causedBy == null) {
      throw new UsageException(
          "IBX-406",
          "outbox message "
              + message.id()
              + " is to be sent again for a duplicate, but of which message is not said (in a batch call append(message, cause))");
    }
    OutboxMessage complete = OutboxWriter.completed(message, causedBy);
    @Nullable MessageKey handled = null;
    if (keepFor != null && causedBy != null) {
      handled = new MessageKey(causedBy.tenant(), keepFor, causedBy.source(), causedBy.id());
    }
    buffer.add(complete, handled);
    return complete.id();
  }
}
