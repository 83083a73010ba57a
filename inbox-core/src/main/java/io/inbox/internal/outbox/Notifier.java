package io.inbox.internal.outbox;

import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the relays of other processes that there is something to publish, in transactions of its
 * own and for many commits at once: a NOTIFY inside the business transaction would make all commits
 * of the database wait for one another. A signal that is lost costs time, never a message: relays
 * poll as well.
 */
final class Notifier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
  private static final long PAUSE_AFTER_FAILURE_SECONDS = 5;

  private final Store store;
  private final Transactions transactions;
  private Set<Integer> pending = new TreeSet<>();
  private @Nullable Thread thread;
  private boolean closed;

  Notifier(Store store, Transactions transactions) {
    this.store = store;
    this.transactions = transactions;
  }

  /** Asks for a signal; returns at once. */
  synchronized void request(Set<Integer> slots) {
    if (closed) {
      return;
    }
    if (thread == null) {
      thread = new Thread(this::run, "inbox-outbox-notify");
      thread.setDaemon(true);
      thread.start();
    }
    if (pending.addAll(slots)) {
      notifyAll();
    }
  }

  private void run() {
    try {
      for (@Nullable Set<Integer> slots = take(); slots != null; slots = take()) {
        send(slots);
      }
    } catch (InterruptedException e) {
      LOG.debug("The notifier was interrupted and ends; relays poll", e);
    }
  }

  private void send(Set<Integer> slots) throws InterruptedException {
    try {
      transactions.inTransaction(
          unit -> {
            store.outbox().signal(unit.connection(), slots);
            return slots;
          });
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      LOG.debug("Relays could not be notified; they poll", e);
      rest();
    }
  }

  private synchronized @Nullable Set<Integer> take() throws InterruptedException {
    while (pending.isEmpty() && !closed) {
      wait();
    }
    if (closed) {
      return null;
    }
    Set<Integer> taken = pending;
    pending = new TreeSet<>();
    return taken;
  }

  private synchronized void rest() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PAUSE_AFTER_FAILURE_SECONDS);
    for (long left = end - System.nanoTime(); left > 0 && !closed; left = end - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
