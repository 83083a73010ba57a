package io.inbox.testkit.crash;

import io.inbox.BatchHandler;
import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.spi.Store;
import io.inbox.testkit.crash.CrashPoints.MessageHandler;
import java.util.List;

/** A consumer made of a handler that cannot be named in another process. */
record InProcess(Store store, List<Message> messages, Delivery delivery) implements CrashConsumer {
  InProcess {
    messages = List.copyOf(messages);
  }

  /** How it delivers. */
  private interface Delivery {
    List<? extends Outcome<?>> deliver(Inbox inbox, List<Message> messages);
  }

  static InProcess oneByOne(Store store, List<Message> messages, MessageHandler handler) {
    return new InProcess(
        store,
        messages,
        (inbox, left) ->
            left.stream()
                .map(message -> inbox.process(message, tx -> handler.handle(message, tx)))
                .toList());
  }

  static InProcess atOnce(Store store, List<Message> messages, BatchHandler handler) {
    return new InProcess(store, messages, (inbox, left) -> inbox.processBatch(left, handler));
  }

  @Override
  public List<? extends Outcome<?>> deliver(Inbox inbox, List<Message> messages) {
    return delivery.deliver(inbox, messages);
  }
}
