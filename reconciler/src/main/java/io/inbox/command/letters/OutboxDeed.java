package io.inbox.command.letters;

import io.inbox.command.database.Target;
import io.inbox.command.deed.Deed;
import io.inbox.command.deed.Item;
import io.inbox.outbox.Outbox;

/** Ends dead letters of the outbox: puts them into it again, or gives them up for good. */
public final class OutboxDeed implements Deed {
  private final Outbox outbox;
  private final boolean again;
  private final String reason;

  private OutboxDeed(Target target, boolean again, String reason) {
    this.outbox = Outbox.open(target.store(), target.dataSource());
    this.again = again;
    this.reason = reason;
  }

  /** Puts each message into the outbox again, behind those of its key that wait. */
  public static OutboxDeed requeue(Target target, String reason) {
    return new OutboxDeed(target, true, reason);
  }

  /** Gives each message up for good. */
  public static OutboxDeed discard(Target target, String reason) {
    return new OutboxDeed(target, false, reason);
  }

  @Override
  public Result on(Item letter) {
    if (again) {
      outbox.deadLetters().requeue(letter.id(), reason);
      return Result.of("REQUEUED");
    }
    outbox.deadLetters().discard(letter.id(), reason);
    return Result.of("DISCARDED");
  }

  @Override
  public void close() {
    outbox.close();
  }
}
