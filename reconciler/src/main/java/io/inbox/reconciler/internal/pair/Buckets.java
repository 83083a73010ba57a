package io.inbox.reconciler.internal.pair;

import java.util.BitSet;

/**
 * The buckets that keys are sorted into by the first 16 bits of their hash. So many that few keys
 * are read for one that differs, and so few that count and checksum of each fit in memory.
 */
final class Buckets {
  static final int COUNT = 65_536;

  private Buckets() {}

  /** Returns the bucket of a hash; ascending as signed hashes are. */
  static int of(long hash) {
    return (int) (hash >> 48) + COUNT / 2;
  }

  /** Returns a set of buckets as both databases read it, the lowest bit of the first byte first. */
  static byte[] mask(BitSet set) {
    byte[] mask = new byte[COUNT / Byte.SIZE];
    byte[] bits = set.toByteArray();
    System.arraycopy(bits, 0, mask, 0, bits.length);
    return mask;
  }

  /**
   * Consecutive buckets.
   *
   * @param first the first of them
   * @param end the first after them
   */
  record Range(int first, int end) {
    static final Range ALL = new Range(0, COUNT);

    boolean isAll() {
      return first == 0 && end == COUNT;
    }

    boolean contains(int bucket) {
      return first <= bucket && bucket < end;
    }
  }
}
