package io.inbox.testkit.fault;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A packet that a {@link FaultProxy} keeps back until it is decided what becomes of it. One that is
 * not decided within a minute is passed on.
 */
public final class Held {
  private static final long LONGEST_SECONDS = 60;

  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CompletableFuture<Verdict> verdict = new CompletableFuture<>();
  private final Part part;
  private volatile long late;

  Held(Part part) {
    this.part = part;
  }

  /** Which packet is kept back. */
  public enum Part {
    /** The next one from the client. */
    REQUEST,

    /** The answer to the next one from the client. */
    REPLY
  }

  /** What becomes of it. */
  enum Verdict {
    PASS,
    CUT,
    CUT_CLIENT
  }

  Part part() {
    return part;
  }

  /** Waits until the packet is there; returns false when the time is over. */
  public boolean await(Duration atMost) throws InterruptedException {
    return arrived.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Lets it go on. */
  public void pass() {
    verdict.complete(Verdict.PASS);
  }

  /** Drops it and ends the connection on both sides. */
  public void cut() {
    verdict.complete(Verdict.CUT);
  }

  /**
   * Ends the client's side at once and lets a request go on to the server somewhat later, as a
   * network does that comes back: the server answers nobody.
   */
  public void cutClient(Duration before) {
    late = before.toNanos();
    verdict.complete(Verdict.CUT_CLIENT);
  }

  /** Returns how much later the request goes on. */
  long lateNanos() {
    return late;
  }

  /** Called by the proxy with the packet in hand. */
  Verdict arrived() {
    arrived.countDown();
    try {
      return verdict.get(LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return Verdict.PASS;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Verdict.CUT;
    }
  }
}
