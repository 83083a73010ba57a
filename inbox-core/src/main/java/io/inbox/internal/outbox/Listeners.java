package io.inbox.internal.outbox;

import io.inbox.spi.RelayListener;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners, whose failures are theirs. */
final class Listeners {
  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private Listeners() {}

  static void tell(List<RelayListener> listeners, Consumer<RelayListener> event) {
    for (RelayListener listener : listeners) {
      try {
        event.accept(listener);
      } catch (Throwable e) {
        LOG.warn("A relay listener failed; the relay goes on", e);
      } finally {
        RelayThread.dropInterrupt(listener);
      }
    }
  }
}
