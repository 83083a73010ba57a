package io.inbox.benchmarks;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Counts what is handed over until it is all there. The rate is taken from the first batch handed
 * over to the last, without the messages of the last: as many batches were then read as were
 * finished, and starting and stopping a relay count for nothing.
 */
final class Drained implements Sink {
  private static final long MINUTES = 5;

  private final int expected;
  private final CountDownLatch complete = new CountDownLatch(1);
  private long messages;
  private long bytes;
  private long beforeLast;
  private long first;
  private long last;

  Drained(int expected) {
    this.expected = expected;
  }

  @Override
  public synchronized void published(int messages, long bytes) {
    last = System.nanoTime();
    if (this.messages == 0) {
      first = last;
    }
    beforeLast = this.messages;
    this.messages += messages;
    this.bytes += bytes;
    if (this.messages >= expected) {
      complete.countDown();
    }
  }

  void await() throws InterruptedException {
    if (!complete.await(MINUTES, TimeUnit.MINUTES)) {
      throw new IllegalStateException(handedOver() + " after " + MINUTES + " minutes");
    }
  }

  /** Messages per second; throws unless each message was handed over once, with its payload. */
  synchronized double perSecond() {
    if (messages != expected || bytes != (long) expected * Backlog.PAYLOAD_BYTES) {
      throw new IllegalStateException(handedOver() + ": this figure would be worth nothing");
    }
    if (beforeLast == 0) {
      throw new IllegalStateException(
          "all in one batch, so nothing was timed (take more messages)");
    }
    return beforeLast * 1e9 / (last - first);
  }

  private synchronized String handedOver() {
    return messages + " messages of " + bytes + " bytes were handed over, not " + expected;
  }
}
