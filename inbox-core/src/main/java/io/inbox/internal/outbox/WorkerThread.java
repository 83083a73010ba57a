package io.inbox.internal.outbox;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the cycles of a worker, one after the other while there is something to do, then with longer
 * and longer waits, until it is woken.
 */
final class WorkerThread extends RelayThread {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.outbox.Relay");
  private static final long SHORTEST_WAIT = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(10);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Worker worker;
  private final Supplier<List<OwnedSlot>> slots;
  private final long longestWait;
  private boolean woken;
  private boolean stopped;

  WorkerThread(String name, Worker worker, Supplier<List<OwnedSlot>> slots, Duration poll) {
    super(name);
    this.worker = worker;
    this.slots = slots;
    this.longestWait = poll.toNanos();
  }

  @Override
  public void run() {
    long wait = SHORTEST_WAIT;
    long pause = FIRST_PAUSE;
    while (!isStopped()) {
      try {
        boolean wakened = takeWakeUp();
        List<OwnedSlot> used = begin();
        boolean worked;
        long atMost;
        try {
          worked = !used.isEmpty() && worker.cycle(used);
          atMost = worker.nanosToNext(used, longestWait);
        } finally {
          used.forEach(OwnedSlot::end);
        }
        pause = FIRST_PAUSE;
        if (worked) {
          wait = SHORTEST_WAIT;
        } else {
          wait = wakened ? SHORTEST_WAIT : Math.min(2 * wait, longestWait);
          await(Math.max(TimeUnit.MILLISECONDS.toNanos(1), Math.min(wait, atMost)), true);
        }
      } catch (InterruptedException e) {
        interrupted(e);
      } catch (Throwable e) {
        // Whatever it is: without its worker the relay would keep its slots and publish nothing.
        LOG.warn(
            "A cycle of the relay failed and is repeated in {} ms: {}",
            TimeUnit.NANOSECONDS.toMillis(pause),
            String.valueOf(e),
            LOG.isDebugEnabled() ? e : null);
        try {
          await(pause, false);
        } catch (InterruptedException interrupt) {
          interrupted(interrupt);
        }
        pause = Math.min(2 * pause, LONGEST_PAUSE);
      }
    }
  }

  /** Only the relay ends its threads: the interrupt is a listener's, or of no meaning. */
  private void interrupted(InterruptedException interrupt) {
    LOG.debug("{} was interrupted", getName(), interrupt);
  }

  private List<OwnedSlot> begin() {
    List<OwnedSlot> used = new ArrayList<>();
    for (OwnedSlot slot : slots.get()) {
      if (slot.begin()) {
        used.add(slot);
      }
    }
    return used;
  }

  void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Interrupts the publisher, which may be waiting for something; nothing else. */
  void interruptPublisher() {
    worker.interruptPublisher();
  }

  void halt() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  private boolean takeWakeUp() {
    lock.lock();
    try {
      boolean was = woken;
      woken = false;
      return was;
    } finally {
      lock.unlock();
    }
  }

  private void await(long nanos, boolean untilWoken) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !stopped && !(untilWoken && woken)) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
