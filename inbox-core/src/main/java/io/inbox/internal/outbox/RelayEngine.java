package io.inbox.internal.outbox;

import io.inbox.internal.StartCheck;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.spi.OutboxStatements;
import io.inbox.spi.OutboxStatements.Signals;
import io.inbox.spi.StoreReport;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of a relay: one that keeps its slots and moves messages that are due, one that
 * listens, and the workers.
 */
public final class RelayEngine implements AutoCloseable, WakeUps.Sleeper {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.outbox.Relay");
  private static final int DUE_AT_ONCE = 1_000;
  private static final long BETWEEN_LOOKS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
  private static final Duration LISTENING = Duration.ofMillis(200);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final RelayOptions options;
  private final Connections connections;
  private final OutboxStatements statements;
  private final DelayedRows delayed;
  private final Ownership ownership;
  private final List<WorkerThread> workers = new ArrayList<>();
  private final Thread keeper;
  private final Thread listener;
  private final CountDownLatch gone = new CountDownLatch(1);
  private final String place;
  private boolean closing;
  private boolean stopped;
  private boolean lookAtOnce;
  private boolean heartbeatAtOnce;
  private long lastLook;
  private @Nullable Instant nextDue;

  private RelayEngine(RelayOptions options, StoreReport report) {
    String owner = options.owner();
    this.options = options;
    this.place = OutboxWriter.place(report.identity(), options.store);
    this.connections = new Connections(options.dataSource);
    this.statements = options.store.outbox();
    this.delayed = new DelayedRows(options.store);
    LeaseRows leases = new LeaseRows(options.store, owner, options.lease);
    this.ownership =
        new Ownership(
            connections,
            leases,
            options.lease,
            slots -> {
              Listeners.tell(options.listeners, seen -> seen.slots(slots));
              wakeAll();
            });
    Circuits circuits =
        new Circuits(
            options.circuitFailures,
            options.circuitMaxOpen,
            (topic, open) -> {
              LOG.warn("Topic {} is {}", topic, open ? "not tried for a while" : "tried again");
              Listeners.tell(options.listeners, seen -> seen.circuit(topic, open));
            });
    Outcomes outcomes = new Outcomes(options, owner, connections, leases, this::heartbeatAtOnce);
    for (int i = 0; i < options.threads; i++) {
      int index = i;
      workers.add(
          new WorkerThread(
              "inbox-relay-" + options.name + "-" + i,
              new Worker(options, owner, connections, circuits, outcomes),
              () -> slotsOf(index),
              options.poll));
    }
    this.keeper = daemon("keep", this::keep);
    this.listener = daemon("listen", this::listen);
  }

  private Thread daemon(String what, Runnable work) {
    return new RelayThread("inbox-relay-" + options.name + "-" + what, work);
  }

  /** Checks options, database and schema, and starts the threads. */
  public static RelayEngine start(RelayOptions options) {
    options.validate();
    JdbcTransactions transactions = JdbcTransactions.on(options.dataSource);
    StoreReport report = StartCheck.run(options.store, transactions, true);
    OwnUnit.run(
        options.store, transactions, unit -> options.store.outbox().slots(unit.connection()));
    RelayEngine engine = new RelayEngine(options, report);
    WakeUps.add(engine.place, engine);
    try {
      engine.keeper.start();
      if (options.notifications) {
        engine.listener.start();
      }
      engine.workers.forEach(Thread::start);
    } catch (Throwable e) {
      engine.close(); // there are no more threads to be had
      throw e;
    }
    return engine;
  }

  /** Returns the slots this relay owns now. */
  public Set<Integer> slots() {
    Set<Integer> slots = new TreeSet<>();
    ownership.owned().forEach(slot -> slots.add(slot.slot));
    return slots;
  }

  private List<OwnedSlot> slotsOf(int worker) {
    List<OwnedSlot> slots = new ArrayList<>();
    for (OwnedSlot slot : ownership.owned()) {
      if (slot.slot % workers.size() == worker) {
        slots.add(slot);
      }
    }
    return slots;
  }

  @Override
  public boolean wake(int slot) {
    look();
    boolean owned = ownership.owns(slot);
    if (owned) {
      workers.get(slot % workers.size()).wake();
    }
    return owned;
  }

  private void wakeAll() {
    workers.forEach(WorkerThread::wake);
  }

  /** A message may have been appended that is due soon. */
  private void look() {
    lock.lock();
    try {
      if (!lookAtOnce) {
        lookAtOnce = true;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void heartbeatAtOnce() {
    lock.lock();
    try {
      heartbeatAtOnce = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void keep() {
    while (!isStopped()) {
      Duration left;
      try {
        left = ownership.tick(takeHeartbeat());
        left = shorter(left, moveDue());
      } catch (Throwable e) {
        LOG.warn(
            "The relay cannot keep its slots and tries again: {}",
            String.valueOf(e),
            LOG.isDebugEnabled() ? e : null);
        left = shorter(AFTER_FAILURE, options.lease.dividedBy(10));
      }
      try {
        await(left);
      } catch (InterruptedException e) {
        LOG.debug("{} was interrupted", keeper.getName(), e); // by no relay, so it goes on
      }
    }
    leave();
  }

  /**
   * Not on the thread that closes, which may be interrupted. Whoever closes waits for the slots,
   * and not for listeners, which may wait for whoever closes.
   */
  private void leave() {
    try {
      Set<Integer> before = slots();
      try {
        ownership.leave();
      } finally {
        gone.countDown();
      }
      before = tellIfOther(before);
      ownership.giveBackLate();
      tellIfOther(before);
    } catch (Throwable e) {
      LOG.warn(
          "The relay could not give its slots back; others take them when its lease is over", e);
    }
  }

  private Set<Integer> tellIfOther(Set<Integer> before) {
    Set<Integer> now = slots();
    if (!now.equals(before)) {
      Listeners.tell(options.listeners, seen -> seen.slots(now));
    }
    return now;
  }

  /** Moves what is due, and returns how long until something else is. */
  private Duration moveDue() throws SQLException {
    long now = System.nanoTime();
    boolean due = nextDue != null && !Instant.now().isBefore(nextDue);
    if (!due && !takeLook(now)) {
      return until(nextDue);
    }
    lastLook = now;
    Optional<Duration> next = connections.use(delayed::untilNext);
    if (next.isPresent() && (next.get().isNegative() || next.get().isZero())) {
      Set<Integer> moved =
          connections.transaction(
              connection -> delayed.moveDue(connection, DUE_AT_ONCE, options.lease));
      Set<Integer> elsewhere = WakeUps.wake(place, moved);
      next =
          connections.use(
              connection -> {
                if (!elsewhere.isEmpty() && options.notifications) {
                  statements.signal(connection, elsewhere);
                }
                return delayed.untilNext(connection);
              });
    }
    nextDue = next.map(Instant.now()::plus).orElse(null);
    return until(nextDue);
  }

  private static Duration until(@Nullable Instant due) {
    if (due == null) {
      return Duration.ofDays(1);
    }
    Duration left = Duration.between(Instant.now(), due);
    // Another relay moves it, or there are more than are moved at once: look again soon.
    return left.compareTo(Duration.ofMillis(50)) < 0 ? Duration.ofMillis(50) : left;
  }

  /** Returns whether to look for messages that are due: after a wake-up, but not too often. */
  private boolean takeLook(long now) {
    lock.lock();
    try {
      boolean late = now - lastLook >= options.lease.toNanos() / 3 || lastLook == 0;
      boolean asked = lookAtOnce && now - lastLook >= BETWEEN_LOOKS;
      if (late || asked) {
        lookAtOnce = false;
        return true;
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void listen() {
    while (!isStopped()) {
      try (Connection connection = options.dataSource.getConnection()) {
        if (!connection.getAutoCommit()) {
          connection.setAutoCommit(true);
        }
        Optional<Signals> signals = statements.listen(connection);
        if (signals.isEmpty()) {
          return;
        }
        wakeAll(); // whatever was signalled before
        try (Signals listening = signals.get()) {
          while (!isStopped()) {
            Set<Integer> slots = listening.await(LISTENING);
            slots.forEach(this::wake);
          }
        }
      } catch (SQLException | RuntimeException e) {
        LOG.debug("The relay cannot listen and polls; it tries again", e);
        try {
          await(AFTER_FAILURE.multipliedBy(5));
        } catch (InterruptedException interrupt) {
          LOG.debug("{} was interrupted", listener.getName(), interrupt); // so it tries at once
        }
      }
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private boolean isStopped() {
    lock.lock();
    try {
      return stopped;
    } finally {
      lock.unlock();
    }
  }

  private boolean takeHeartbeat() {
    lock.lock();
    try {
      boolean was = heartbeatAtOnce;
      heartbeatAtOnce = false;
      return was;
    } finally {
      lock.unlock();
    }
  }

  private void await(Duration atMost) throws InterruptedException {
    lock.lock();
    try {
      long left = atMost.toNanos();
      while (left > 0 && !stopped && !heartbeatAtOnce && !lookAtOnce) {
        left = changed.awaitNanos(left);
      }
      // Many commits in a row are one reason to look.
      long rest = lookAtOnce ? lastLook + BETWEEN_LOOKS - System.nanoTime() : 0;
      while (rest > 0 && !stopped && !heartbeatAtOnce) {
        rest = changed.awaitNanos(rest);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets the cycles that run end, gives the slots back, and ends the threads. */
  @Override
  public void close() {
    WakeUps.remove(place, this);
    lock.lock();
    try {
      if (closing) {
        return;
      }
      closing = true;
    } finally {
      lock.unlock();
    }
    workers.forEach(WorkerThread::halt);
    long end = System.nanoTime() + options.closeWait.toNanos();
    boolean interrupted = false;
    for (WorkerThread worker : workers) {
      interrupted |= !end(worker, end); // the leases are renewed until then
    }
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    end = Math.max(end, System.nanoTime() + TimeUnit.SECONDS.toNanos(2));
    interrupted |= !awaitGone(end);
    interrupted |= !join(listener, end);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until the slots are given back, also if interrupted: whoever closes goes on to close the
   * pool. Returns false if interrupted.
   */
  private boolean awaitGone(long end) {
    boolean interrupted = false;
    while (keeper.isAlive() && Thread.currentThread() != keeper) {
      try {
        if (gone.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          break;
        }
        LOG.warn("{} does not give the slots back in time", keeper.getName());
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return !interrupted;
  }

  /**
   * Waits for a worker; interrupts its publisher when the time is over. Returns false if
   * interrupted.
   */
  private static boolean end(WorkerThread worker, long end) {
    boolean waited = join(worker, end);
    if (worker.isAlive() && worker != Thread.currentThread()) {
      worker.interruptPublisher();
      waited &= join(worker, System.nanoTime() + TimeUnit.SECONDS.toNanos(1));
    }
    return waited;
  }

  /**
   * Waits for a thread, which is not interrupted: H2 would close its file for everybody. Returns
   * false if interrupted.
   */
  private static boolean join(Thread thread, long end) {
    if (thread == Thread.currentThread()) {
      return true; // a publisher or a listener closes, and its thread ends when it returns
    }
    try {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left > 0) {
        thread.join(left);
      }
      if (thread.isAlive()) {
        LOG.warn("{} does not end in time", thread.getName());
      }
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }
}
