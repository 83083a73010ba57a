package io.inbox.testkit.crash;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a task on a thread of its own and does not wait for ever. */
final class Bounded {
  private Bounded() {}

  /** What is run. */
  interface Task<T> {
    T run() throws Exception;
  }

  /**
   * Returns what the task returned.
   *
   * @throws TimeoutException if it runs on; it was interrupted
   */
  static <T> T call(Duration limit, Task<T> task) throws TimeoutException {
    FutureTask<T> future = new FutureTask<>(task::run);
    Thread thread = new Thread(future, "crash-points");
    thread.setDaemon(true);
    thread.start();
    try {
      return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw e;
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a delivery ran", e);
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof RuntimeException unchecked) {
      return unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("A case could not be run: " + cause, cause);
  }
}
