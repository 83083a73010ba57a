package io.inbox.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Real threads for one test; whatever hangs fails the test instead of the build. */
final class Threads implements AutoCloseable {
  private static final int SECONDS = 60;

  private final ExecutorService executor;

  Threads() {
    this(Executors.newCachedThreadPool());
  }

  Threads(ExecutorService executor) {
    this.executor = executor;
  }

  <T> Future<T> start(Callable<T> work) {
    return executor.submit(work);
  }

  /** Runs the same work on many threads that begin at once; returns what they returned. */
  <T> List<T> race(int threads, Callable<T> work) throws Exception {
    CountDownLatch ready = new CountDownLatch(threads);
    CountDownLatch go = new CountDownLatch(1);
    List<Future<T>> started = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      started.add(
          start(
              () -> {
                ready.countDown();
                await(go);
                return work.call();
              }));
    }
    await(ready);
    go.countDown();
    List<T> results = new ArrayList<>();
    for (Future<T> future : started) {
      results.add(result(future));
    }
    return results;
  }

  static <T> T result(Future<T> future) throws Exception {
    return future.get(SECONDS, TimeUnit.SECONDS);
  }

  static void await(CountDownLatch latch) throws InterruptedException {
    if (!latch.await(SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody came to the latch within " + SECONDS + " s");
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
    try {
      if (!executor.awaitTermination(SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("a thread of the test does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
