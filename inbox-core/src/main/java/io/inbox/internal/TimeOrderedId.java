package io.inbox.internal;

import java.security.SecureRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * UUIDs of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then 12 bits that count
 * within the millisecond (section 6.2, method 1), then 62 random bits. Those of one process rise.
 */
public final class TimeOrderedId {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int COUNTER_BITS = 12;
  private static final long VERSION = 0x7000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  /** Milliseconds and counter of the last id; it runs ahead of the clock rather than repeat. */
  private static final AtomicLong LAST = new AtomicLong();

  private TimeOrderedId() {}

  /** Returns a new one. Thread-safe. */
  public static UUID next() {
    long now = System.currentTimeMillis() << COUNTER_BITS;
    long stamp = LAST.updateAndGet(last -> Math.max(last + 1, now));
    long millis = stamp >>> COUNTER_BITS;
    long count = stamp & 0xfff;
    return new UUID(millis << 16 | VERSION | count, RANDOM.nextLong() >>> 2 | VARIANT);
  }
}
