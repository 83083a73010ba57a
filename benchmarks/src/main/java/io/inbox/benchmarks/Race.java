package io.inbox.benchmarks;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Lets contenders work in short slices, in turn, and in another order each round, so that what else
 * the machine does hits all of them. Ratios are taken within a round, so rounds should be short
 * against that, and many.
 */
final class Race implements AutoCloseable {
  private static final int WARM_UP = 4;

  private final List<Feed.Lane> lanes = new ArrayList<>();
  private final ExecutorService threads;
  private long handled;

  Race(Feed feed, int threadCount) {
    this.threads = Executors.newFixedThreadPool(threadCount);
    for (int i = 0; i < threadCount; i++) {
      lanes.add(feed.lane(i));
    }
  }

  /** What is to be done before each round. */
  @FunctionalInterface
  interface Preparation {
    void run() throws SQLException;
  }

  /** A round to warm up, of slices four times as long, then the rounds that count. */
  Rates run(List<? extends Contender> contenders, int sliceMillis, int rounds)
      throws SQLException, InterruptedException {
    return run(contenders, sliceMillis, rounds, () -> {});
  }

  /** The same, and prepares each round. */
  Rates run(
      List<? extends Contender> contenders, int sliceMillis, int rounds, Preparation preparation)
      throws SQLException, InterruptedException {
    Rates rates = new Rates();
    List<Contender> order = new ArrayList<>(contenders);
    preparation.run();
    for (Contender contender : order) {
      rates.add(contender.label(), slice(contender, WARM_UP * sliceMillis));
    }
    rates.forget();
    for (int round = 0; round < rounds; round++) {
      preparation.run();
      for (Contender contender : order) {
        rates.add(contender.label(), slice(contender, sliceMillis));
      }
      Collections.rotate(order, 1);
      if (round % order.size() == order.size() - 1) {
        Collections.reverse(order); // else each would always follow the same other
      }
    }
    return rates;
  }

  /** Returns how many messages were handled so far, warm-up included. */
  long handled() {
    return handled;
  }

  /** What the thread of this number takes from the feed; not while it runs. */
  Feed.Lane lane(int number) {
    return lanes.get(number);
  }

  /** One transaction on the calling thread; returns the number of messages. */
  int once(Contender contender) throws Exception {
    int count = contender.handle(lanes.get(0));
    handled += count;
    return count;
  }

  private double slice(Contender contender, int millis) throws InterruptedException {
    long start = System.nanoTime();
    long end = start + millis * 1_000_000L;
    List<Callable<Long>> workers = new ArrayList<>();
    for (Feed.Lane lane : lanes) {
      workers.add(
          () -> {
            long done = 0;
            while (System.nanoTime() < end) {
              done += contender.handle(lane);
            }
            return done;
          });
    }
    long count = 0;
    for (Future<Long> worker : threads.invokeAll(workers)) {
      try {
        count += worker.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(contender.label() + " failed", e.getCause());
      }
    }
    handled += count;
    return count * 1e9 / (System.nanoTime() - start);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
