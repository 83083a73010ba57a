package io.inbox.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that handle messages, in slices, while something else happens or not. */
final class Foreground implements AutoCloseable {
  private final Contender contender;
  private final List<Feed.Lane> lanes;
  private final ExecutorService threads;

  /** A thread for each lane. */
  Foreground(Contender contender, List<Feed.Lane> lanes) {
    this.contender = contender;
    this.lanes = List.copyOf(lanes);
    this.threads = Executors.newFixedThreadPool(lanes.size() + 1);
  }

  /**
   * What a slice has seen.
   *
   * @param p99 of the calls, in milliseconds
   * @param longest of the calls, in milliseconds
   * @param calls how many there were
   * @param seconds how long it took
   * @param beside what came of the other thing
   */
  record Slice(double p99, double longest, int calls, double seconds, long beside) {}

  /** Runs a slice of so many nanoseconds with something beside it. */
  Slice slice(long nanos, Callable<Long> beside) throws InterruptedException {
    long start = System.nanoTime();
    Future<Long> other = threads.submit(beside);
    List<Future<long[]>> running = new ArrayList<>();
    for (Feed.Lane lane : lanes) {
      running.add(threads.submit(() -> handle(lane, start + nanos)));
    }
    try {
      long[] all = new long[0];
      for (Future<long[]> worker : running) {
        long[] more = worker.get();
        all = Arrays.copyOf(all, all.length + more.length);
        System.arraycopy(more, 0, all, all.length - more.length, more.length);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      long came = other.get();
      Arrays.sort(all);
      return new Slice(
          all[(int) (all.length * 0.99)] / 1e6,
          all[all.length - 1] / 1e6,
          all.length,
          seconds,
          came);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a slice failed", e.getCause());
    }
  }

  private long[] handle(Feed.Lane lane, long end) throws Exception {
    long[] nanos = new long[1024];
    int count = 0;
    long before = System.nanoTime();
    while (before < end) {
      contender.handle(lane);
      long after = System.nanoTime();
      if (count == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * count);
      }
      nanos[count++] = after - before;
      before = after;
    }
    return Arrays.copyOf(nanos, count);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
