package io.inbox.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Lets threads handle messages for a while, and takes the time and the allocation of each call. */
final class Load implements AutoCloseable {
  private static final ThreadMXBean THREADS =
      (ThreadMXBean) ManagementFactory.getThreadMXBean(); // HotSpot's, which knows allocations

  private final List<Feed.Lane> lanes = new ArrayList<>();
  private final ExecutorService threads;

  Load(Feed feed, int threadCount) {
    threads = Executors.newFixedThreadPool(threadCount);
    for (int i = 0; i < threadCount; i++) {
      lanes.add(feed.lane(i));
    }
  }

  /** What was seen: by one thread, or by all together. */
  static final class Seen {
    private final long messages;
    private final double seconds;
    private final long[] sortedNanos;
    private final long allocated;

    private Seen(long messages, double seconds, long[] nanos, long allocated) {
      this.messages = messages;
      this.seconds = seconds;
      this.sortedNanos = nanos;
      this.allocated = allocated;
      Arrays.sort(sortedNanos);
    }

    long messages() {
      return messages;
    }

    double perSecond() {
      return messages / seconds;
    }

    /** Returns milliseconds below which this share of the calls took. */
    double millis(double share) {
      return sortedNanos[(int) (share * (sortedNanos.length - 1))] / 1e6;
    }

    /** Returns bytes, of the threads that called. */
    double allocatedPerMessage() {
      return (double) allocated / messages;
    }
  }

  /** Until the time is over, but each thread at least once. */
  Seen forMillis(Contender contender, int millis) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000L;
    return run(contender, done -> System.nanoTime() < end);
  }

  /** Until each thread has handled its share of so many messages. */
  Seen messages(Contender contender, long messages) throws InterruptedException {
    long share = (messages + lanes.size() - 1) / lanes.size();
    return run(contender, done -> done < share);
  }

  /** Says whether to go on. */
  @FunctionalInterface
  private interface More {
    boolean after(long messages);
  }

  private Seen run(Contender contender, More more) throws InterruptedException {
    long start = System.nanoTime();
    List<Callable<Seen>> workers = new ArrayList<>();
    for (Feed.Lane lane : lanes) {
      workers.add(() -> work(contender, lane, more));
    }
    long messages = 0;
    long allocated = 0;
    long[] nanos = new long[0];
    for (Future<Seen> worker : threads.invokeAll(workers)) {
      try {
        Seen seen = worker.get();
        messages += seen.messages;
        allocated += seen.allocated;
        int before = nanos.length;
        nanos = Arrays.copyOf(nanos, before + seen.sortedNanos.length);
        System.arraycopy(seen.sortedNanos, 0, nanos, before, seen.sortedNanos.length);
      } catch (ExecutionException e) {
        throw new IllegalStateException(contender.label() + " failed", e.getCause());
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Seen(messages, seconds, nanos, allocated);
  }

  private static Seen work(Contender contender, Feed.Lane lane, More more) throws Exception {
    long[] nanos = new long[1024];
    int calls = 0;
    long messages = 0;
    long own = 0;
    long began = System.nanoTime();
    long allocated = THREADS.getCurrentThreadAllocatedBytes();
    do {
      if (calls == nanos.length) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        nanos = Arrays.copyOf(nanos, 2 * calls);
        own += THREADS.getCurrentThreadAllocatedBytes() - before;
      }
      long start = System.nanoTime();
      messages += contender.handle(lane);
      nanos[calls++] = System.nanoTime() - start;
    } while (more.after(messages));
    allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated - own;
    double seconds = (System.nanoTime() - began) / 1e9;
    return new Seen(messages, seconds, Arrays.copyOf(nanos, calls), allocated);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
