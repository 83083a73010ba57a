package io.inbox.reconciler;

import io.inbox.Handler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.outbox.Outbox;
import java.util.function.Function;

/** What a repair does. */
public sealed interface RepairAction {
  /** Returns its name as it is stored with each repair. */
  String code();

  /**
   * Forgets a key: its row, its result, its attempts and the copies of what it appended, so that a
   * redelivery is handled. Whoever orders it sees to the redelivery.
   */
  record ReOpen() implements RepairAction {
    @Override
    public String code() {
      return "RE_OPEN";
    }
  }

  /** Records a key as handled now, so that a redelivery is a duplicate. */
  record Backfill() implements RepairAction {
    @Override
    public String code() {
      return "BACKFILL";
    }
  }

  /**
   * Handles an open dead letter again; repair, handler and the end of the letter are one
   * transaction.
   *
   * @param consumers returns the inbox and the handlers of a consumer
   */
  record Replay(Function<String, Consumer> consumers) implements RepairAction {
    /** Returns the action for the letters of one consumer. */
    public static Replay of(Inbox inbox, Function<Message, Handler> handlers) {
      Consumer consumer = new Consumer(inbox, handlers);
      return new Replay(name -> consumer);
    }

    @Override
    public String code() {
      return "REPLAY";
    }
  }

  /**
   * Puts into the outbox again what the first handling of a key appended, where copies of it are
   * kept, or a dead letter of the outbox; under the same message ids.
   *
   * @param outbox of the same database
   */
  record ReSend(Outbox outbox) implements RepairAction {
    @Override
    public String code() {
      return "RE_SEND";
    }
  }

  /**
   * How letters of a consumer are handled.
   *
   * @param inbox of that consumer
   * @param handlers makes the handler for a stored message
   */
  record Consumer(Inbox inbox, Function<Message, Handler> handlers) {}
}
