package io.inbox.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures how long a message takes that finds the relay idle: from the end of the business's own
 * work to the publisher, so that the insert and the commit's wait for the disk are part of it. One
 * message at a time.
 */
final class Delivery implements Sink {
  private static final long SECONDS = 30;

  private final BlockingQueue<Long> arrivals = new ArrayBlockingQueue<>(16);

  /** Appends one message in a transaction of its own. */
  interface Appender {
    /** Returns {@code System.nanoTime()} as of when it was handed in. */
    long append() throws Exception;
  }

  @Override
  public void published(int messages, long bytes) {
    long now = System.nanoTime();
    if (messages != 1 || !arrivals.offer(now)) {
      throw new IllegalStateException(messages + " messages came where one was expected");
    }
  }

  /**
   * Milliseconds from the same moment on.
   *
   * @param returned until the appending transaction had committed and the appender returned
   * @param delivered until the publisher had the message
   */
  record Times(List<Double> returned, List<Double> delivered) {}

  /** A quarter as many samples are taken first, to warm up. */
  Times measure(Appender appender, int samples) throws Exception {
    Times times = new Times(new ArrayList<>(samples), new ArrayList<>(samples));
    for (int i = -samples / 4; i < samples; i++) {
      // As long as it takes a relay to go to sleep, and never in step with its clock.
      LockSupport.parkNanos(
          TimeUnit.MICROSECONDS.toNanos(ThreadLocalRandom.current().nextLong(20_000, 60_000)));
      long appended = appender.append();
      long returned = System.nanoTime();
      Long arrived = arrivals.poll(SECONDS, TimeUnit.SECONDS);
      if (arrived == null) {
        throw new IllegalStateException("no message within " + SECONDS + " s of its commit");
      }
      if (i >= 0) {
        times.returned.add((returned - appended) / 1e6);
        times.delivered.add((arrived - appended) / 1e6);
      }
    }
    return times;
  }
}
