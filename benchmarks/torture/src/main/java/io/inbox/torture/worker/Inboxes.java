package io.inbox.torture.worker;

import io.inbox.Inbox;
import java.util.Map;

/** The inboxes of a worker, by their consumers. */
record Inboxes(Map<String, Inbox> byConsumer) implements AutoCloseable {
  Inbox of(String consumer) {
    Inbox inbox = byConsumer.get(consumer);
    if (inbox == null) {
      throw new IllegalStateException("no consumer " + consumer);
    }
    return inbox;
  }

  @Override
  public void close() {
    byConsumer.values().forEach(Inbox::close);
  }
}
