package io.inbox.internal.outbox;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread of a relay. Nobody else ends it, so an interrupt that is left on it has no meaning. */
class RelayThread extends Thread {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.outbox.Relay");

  RelayThread(String name) {
    super(name);
    setDaemon(true);
  }

  RelayThread(String name, Runnable work) {
    super(work, name);
    setDaemon(true);
  }

  /**
   * Drops what foreign code has left on a relay's thread: it must not reach the database, and H2
   * would close its file for everybody. On any other thread does nothing.
   */
  static void dropInterrupt(Object foreign) {
    if (Thread.currentThread() instanceof RelayThread && Thread.interrupted()) {
      LOG.debug("{} left an interrupt, which is dropped", foreign);
    }
  }
}
