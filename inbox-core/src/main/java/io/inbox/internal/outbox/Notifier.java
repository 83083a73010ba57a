package io.inbox.internal.outbox;

import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the relays of other processes that there is something to publish, in transactions of its
 * own and for many commits at once: a NOTIFY inside the business transaction would make all commits
 * of the database wait for one another. The first commit after a quiet time is told of at once;
 * under load a signal is sent every few milliseconds, for a relay that is at work needs none. A
 * signal that is lost costs time, never a message: relays poll as well.
 */
final class Notifier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long PAUSE_AFTER_FAILURE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long CLOSE_WAIT_MILLIS = TimeUnit.SECONDS.toMillis(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
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
  void request(Set<Integer> slots) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      if (thread == null) {
        thread = new Thread(this::run, "inbox-outbox-notify");
        thread.setDaemon(true);
        thread.start();
      }
      if (pending.addAll(slots)) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      for (@Nullable Set<Integer> slots = take(); slots != null; slots = take()) {
        pause(send(slots) ? PAUSE_NANOS : PAUSE_AFTER_FAILURE_NANOS);
      }
    } catch (InterruptedException e) {
      LOG.debug("The notifier was interrupted and ends; relays poll", e);
    }
  }

  private boolean send(Set<Integer> slots) throws InterruptedException {
    try {
      transactions.inTransaction(
          unit -> {
            store.outbox().signal(unit.connection(), slots);
            return slots;
          });
      return true;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      LOG.debug("Relays could not be notified; they poll", e);
      return false;
    }
  }

  private @Nullable Set<Integer> take() throws InterruptedException {
    lock.lock();
    try {
      while (pending.isEmpty() && !closed) {
        changed.await();
      }
      if (closed) {
        return null;
      }
      Set<Integer> taken = pending;
      pending = new TreeSet<>();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void pause(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !closed) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the thread, and waits until a signal that is under way has given its connection back. */
  @Override
  public void close() {
    @Nullable Thread ending;
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      ending = thread;
    } finally {
      lock.unlock();
    }
    if (ending == null) {
      return;
    }
    try {
      ending.join(CLOSE_WAIT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
