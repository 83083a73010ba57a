package io.inbox.benchmarks;

import java.util.UUID;

/**
 * Message ids as a pure function of their sequence number, so that a present key can be made again
 * without storing it.
 */
enum MessageIds {
  /** UUIDv4: every insert lands on another leaf page. */
  RANDOM,
  /** UUIDv7, ten to a millisecond: inserts land at the right edge of a byte-ordered index. */
  TIME_ORDERED;

  static final long START_MILLIS = 1_760_000_000_000L;
  private static final long VARIANT = 0x8000000000000000L;

  String at(long sequence) {
    long low = (mix(2 * sequence) >>> 2) | VARIANT;
    long random = mix(2 * sequence + 1);
    long high =
        this == RANDOM
            ? (random & ~0xF000L) | 0x4000L
            : ((START_MILLIS + sequence / 10) << 16) | 0x7000L | (random & 0x0FFFL);
    return new UUID(high, low).toString();
  }

  /** SplitMix64: even for neighbours, all bits of the result differ. */
  private static long mix(long value) {
    long z = (value + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
