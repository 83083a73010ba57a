package io.inbox.reconciler.internal.pair;

import io.inbox.spi.SqlError;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** Two results that were made at the same time. */
record Both<T>(T inbox, T effects) {
  private static final long LOOK_UP_MILLIS = 200;

  /**
   * Asks both sides at the same time; where one fails, or both are to stop, what still runs is
   * cancelled.
   *
   * @throws Exception what the inbox's side threw, else what the other did
   */
  static <T> Both<T> of(
      BooleanSupplier stop, Side inbox, Callable<T> askInbox, Side effects, Callable<T> askEffects)
      throws Exception {
    AtomicBoolean failed = new AtomicBoolean();
    CountDownLatch done = new CountDownLatch(1);
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              try {
                return askEffects.call();
              } catch (Throwable e) {
                failed.set(true);
                throw e;
              }
            });
    start(task, "inbox-reconciler-effects");
    start(() -> watch(stop, failed, done, inbox, effects), "inbox-reconciler-watch");
    try {
      return both(askInbox, task, failed);
    } finally {
      done.countDown();
    }
  }

  private static void start(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Cancels again and again: what is cancelled before it has begun goes on. */
  private static void watch(
      BooleanSupplier stop, AtomicBoolean failed, CountDownLatch done, Side inbox, Side effects) {
    try {
      while (!done.await(LOOK_UP_MILLIS, TimeUnit.MILLISECONDS)) {
        if (failed.get() || stop.getAsBoolean()) {
          inbox.cancel();
          effects.cancel();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does; it only watches
    }
  }

  private static <T> Both<T> both(Callable<T> askInbox, FutureTask<T> task, AtomicBoolean failed)
      throws Exception {
    T first;
    try {
      first = askInbox.call();
    } catch (Throwable e) {
      failed.set(true);
      throw culprit(task, e);
    }
    try {
      return new Both<>(first, task.get());
    } catch (ExecutionException e) {
      close(first);
      throw rethrown(cause(e));
    } catch (InterruptedException e) {
      failed.set(true);
      close(first);
      awaitEnd(task);
      throw e;
    }
  }

  /** The one that was cancelled is not the one that failed. */
  private static Exception culprit(FutureTask<?> effects, Throwable inbox) throws Exception {
    try {
      close(effects.get());
    } catch (ExecutionException e) {
      if (isCancelled(inbox)) {
        return rethrown(cause(e));
      }
      inbox.addSuppressed(cause(e));
    }
    return rethrown(inbox);
  }

  /** Nothing may be left behind that holds a connection. */
  private static void awaitEnd(FutureTask<?> task) throws Exception {
    boolean again = true;
    while (again) {
      try {
        close(task.get());
        again = false;
      } catch (InterruptedException e) {
        again = true; // it was told to stop already, and is being cancelled
      } catch (ExecutionException e) {
        again = false;
      }
    }
  }

  private static Throwable cause(ExecutionException e) {
    return Objects.requireNonNull(e.getCause());
  }

  private static boolean isCancelled(Throwable error) {
    return SqlError.of(error) == SqlError.CANCELLED;
  }

  private static void close(Object result) throws Exception {
    if (result instanceof AutoCloseable closeable) {
      closeable.close();
    }
  }

  private static Exception rethrown(Throwable error) {
    if (error instanceof Error fatal) {
      throw fatal;
    }
    return (Exception) error;
  }
}
