package io.inbox.reconciler.internal.pair;

import io.inbox.spi.SqlError;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Two results that were made at the same time. */
record Both<T>(T inbox, T effects) {
  /**
   * Asks both sides at the same time; where one fails the other is cancelled.
   *
   * @throws Exception what the inbox's side threw, else what the other did
   */
  static <T> Both<T> of(Side inbox, Callable<T> askInbox, Side effects, Callable<T> askEffects)
      throws Exception {
    FutureTask<T> task =
        new FutureTask<>(
            () -> {
              try {
                return askEffects.call();
              } catch (Throwable e) {
                inbox.cancel();
                throw e;
              }
            });
    Thread thread = new Thread(task, "inbox-reconciler-effects");
    thread.setDaemon(true);
    thread.start();
    T first;
    try {
      first = askInbox.call();
    } catch (Throwable e) {
      effects.cancel();
      throw culprit(task, e);
    }
    try {
      return new Both<>(first, task.get());
    } catch (ExecutionException e) {
      close(first);
      throw rethrown(cause(e));
    } catch (InterruptedException e) {
      effects.cancel();
      close(first);
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
