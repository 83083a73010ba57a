package io.inbox.torture.soak;

import io.inbox.Outcome;
import io.inbox.Reason;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Delivers at a steady rate on several threads, until it is told to stop: single messages and
 * batches, a quarter of all of them again that were delivered not long ago, by any thread. Whoever
 * sent a message delivers it until it may be acknowledged.
 */
final class Load {
  static final int THREADS = 4;

  /** Deliveries in a second, of all threads. */
  static final int RATE = 300;

  private static final int BATCH = 20;
  private static final int BATCH_ONE_IN = 8;
  private static final int AGAIN_ONE_IN = 4;
  private static final int RECENT = 4_096;
  private static final long INTERVAL = 1_000_000_000L * THREADS / RATE;

  /** How far a thread that was held up may be behind; what is beyond that it leaves out. */
  private static final long MOST_BEHIND = 1_000_000_000L;

  private final Business business;
  private final Timetable times;
  private final Books books;
  private final long seed;
  private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
  private final List<AtomicReferenceArray<Sent>> recent = new ArrayList<>();
  private final AtomicIntegerArray remembered = new AtomicIntegerArray(Sent.CONSUMERS.size());
  private final int reachBack;
  private final AtomicLong deliveries = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  Load(Business business, Timetable times, Books books, long seed) {
    this.business = business;
    this.times = times;
    this.books = books;
    this.seed = seed;
    long sent = times.redeliverWithin().toMillis() * RATE / 1_000 / Sent.CONSUMERS.size();
    this.reachBack = (int) Math.min(RECENT, sent * (AGAIN_ONE_IN - 1) / AGAIN_ONE_IN);
    Sent.CONSUMERS.forEach(unused -> recent.add(new AtomicReferenceArray<>(RECENT)));
  }

  void start() {
    for (int i = 0; i < THREADS; i++) {
      Lane lane = new Lane(new SplittableRandom(seed + i));
      threads.add(thread("soak-load-" + i, lane::run));
    }
    threads.add(thread("soak-tidy", this::tidy));
    threads.forEach(Thread::start);
  }

  private static Thread thread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  long deliveries() {
    return deliveries.get();
  }

  /** Returns the lock under which nobody works, neither the load nor the business. */
  ReentrantReadWriteLock.WriteLock quiet() {
    return gate.writeLock();
  }

  /** Sends nothing new, and returns once everything that was sent is acknowledged. */
  void stop(Duration atMost) throws InterruptedException {
    stopped = true;
    long end = System.nanoTime() + atMost.toNanos();
    for (Thread thread : threads) {
      thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
      if (thread.isAlive()) {
        books.unexpected(thread.getName() + " does not come to its end");
      }
    }
  }

  private void tidy() {
    while (!stopped) {
      gate.readLock().lock();
      try {
        business.tidy();
      } catch (SQLException | RuntimeException e) {
        books.unexpected("tidying up failed: " + e);
      } finally {
        gate.readLock().unlock();
      }
      LockSupport.parkNanos(times.tidyEvery().toNanos());
    }
  }

  /** A message to be delivered again, and not before. */
  private record Retry(long due, Sent sent) {}

  /**
   * One delivery.
   *
   * @param own whether this thread sent the message, and so delivers it until it is acknowledged
   */
  private record Delivery(Sent sent, boolean own) {}

  /** What one thread does. */
  private final class Lane {
    private final SplittableRandom random;
    private final List<Retry> retries = new ArrayList<>();

    Lane(SplittableRandom random) {
      this.random = random;
    }

    void run() {
      long next = System.nanoTime();
      while (!stopped || !retries.isEmpty()) {
        long now = System.nanoTime();
        if (next > now) {
          LockSupport.parkNanos(next - now);
        } else {
          next = Math.max(next, now - MOST_BEHIND) + INTERVAL * deliver();
        }
      }
    }

    /** Returns for how many deliveries the time is used up. */
    private int deliver() {
      List<Delivery> all = choose();
      if (all.isEmpty()) {
        return 1; // what is left is not due yet
      }
      gate.readLock().lock();
      try {
        List<Outcome<Void>> outcomes =
            all.size() == 1
                ? List.of(business.process(all.get(0).sent))
                : business.processBatch(all.stream().map(Delivery::sent).toList());
        for (int i = 0; i < all.size(); i++) {
          settle(all.get(i), outcomes.get(i));
        }
      } catch (RuntimeException | Error e) {
        books.unexpected("thrown: " + e);
      } finally {
        gate.readLock().unlock();
      }
      deliveries.addAndGet(all.size());
      return all.size();
    }

    private List<Delivery> choose() {
      for (Retry retry : retries) {
        if (retry.due <= System.nanoTime()) {
          retries.remove(retry);
          return List.of(new Delivery(retry.sent, true));
        }
      }
      if (stopped) {
        return List.of();
      }
      int consumer = random.nextInt(Sent.CONSUMERS.size());
      int size = random.nextInt(BATCH_ONE_IN) == 0 ? BATCH : 1;
      List<Delivery> all = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        all.add(one(consumer));
      }
      return all;
    }

    private Delivery one(int consumer) {
      int last = remembered.get(consumer);
      if (last > reachBack && random.nextInt(AGAIN_ONE_IN) == 0) {
        Sent before = recent.get(consumer).get((last - 1 - random.nextInt(reachBack)) % RECENT);
        if (before != null && before.time().isAfter(Instant.now().minus(times.redeliverWithin()))) {
          return new Delivery(before, false);
        }
      }
      Sent sent = new Sent(books.send(consumer), Instant.now());
      recent.get(consumer).set(remembered.getAndIncrement(consumer) % RECENT, sent);
      return new Delivery(sent, true);
    }

    private void settle(Delivery delivery, Outcome<Void> outcome) {
      Duration after = Duration.ZERO;
      if (outcome instanceof Outcome.Failed<Void> failed) {
        after = failed.retryAfter();
        if (!failed.reason().equals(Reason.HANDLER_FAILED)
            || !(failed.cause() instanceof Business.Planned)) {
          books.unexpected(failed.toString());
        }
      } else if (outcome instanceof Outcome.InFlight<Void> inFlight) {
        after = inFlight.retryAfter();
      } else if (!(outcome instanceof Outcome.Processed<Void>
          || outcome instanceof Outcome.Duplicate<Void>
          || outcome instanceof Outcome.DeadLettered<Void>)) {
        books.unexpected(outcome.toString());
      }
      if (!outcome.acknowledge() && delivery.own) {
        retries.add(new Retry(System.nanoTime() + after.toNanos(), delivery.sent));
      }
    }
  }
}
