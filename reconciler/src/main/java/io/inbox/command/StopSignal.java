package io.inbox.command;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The wish of the outside that the program ends: SIGTERM, SIGINT, or the end of the session.
 *
 * <p>A JVM that is told to end reports 128 plus the signal however well its hooks did. For a
 * service that was asked to stop and did so that is a failure to whoever started it, so the hook
 * here waits for a command that ends orderly, bounded, and ends the JVM with the command's own
 * code. Commands that have nothing to put in order end at once.
 */
final class StopSignal {
  private static final Duration SLACK = Duration.ofSeconds(20);

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final PrintStream err;
  private volatile Duration bound = Duration.ZERO;
  private volatile int code = ExitCode.FAILED;

  StopSignal(PrintStream err) {
    this.err = err;
  }

  void listen() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "inbox-stop"));
  }

  /**
   * Says that the command ends orderly, and how long that may take; there is some slack for what it
   * closes last.
   */
  void bound(Duration closeWait) {
    this.bound = closeWait.plus(SLACK);
  }

  /** Blocks until somebody wants the program to end. */
  void await() throws InterruptedException {
    asked.await();
  }

  /** Returns whether somebody wants the program to end. */
  boolean isAsked() {
    return asked.getCount() == 0;
  }

  /** Asks the program to end, as a signal does. */
  void ask() {
    asked.countDown();
  }

  /** Says that the command is over. */
  void ended(int exitCode) {
    code = exitCode;
    ended.countDown();
  }

  private void stop() {
    asked.countDown();
    if (bound.isZero()) {
      return; // the JVM ends as it would without this hook
    }
    try {
      if (!ended.await(bound.toMillis(), TimeUnit.MILLISECONDS)) {
        err.println("error: not closed after " + bound.toSeconds() + " s, ending all the same");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(code);
  }
}
