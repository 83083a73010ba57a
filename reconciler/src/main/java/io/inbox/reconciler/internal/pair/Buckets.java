package io.inbox.reconciler.internal.pair;

import java.util.BitSet;

/**
 * How many buckets the keys are sorted into, by the first bits of their hash: so many that few keys
 * are read for one that differs, and so few that grouping by them stays in the processor's caches.
 */
final class Buckets {
  private static final int SMALLEST = 256;
  private static final int ROWS = 1_024;

  /** How many of the 16 bits do not count. */
  private final int shift;

  private Buckets(int shift) {
    this.shift = shift;
  }

  /** Returns as many buckets as are good for so many rows. */
  static Buckets forRows(long rows) {
    int shift = 0;
    while (HashRange.PARTS >> (shift + 1) >= Math.max(SMALLEST, rows / ROWS)) {
      shift++;
    }
    return new Buckets(shift);
  }

  int count() {
    return HashRange.PARTS >> shift;
  }

  int shift() {
    return shift;
  }

  /** Returns the bucket of a hash; ascending as signed hashes are. */
  int of(long hash) {
    return ((int) (hash >> 48) + HashRange.PARTS / 2) >> shift;
  }

  /** Returns where the hashes of a bucket begin, as a {@link HashRange} counts. */
  int begin(int bucket) {
    return bucket << shift;
  }

  /** Returns a set of buckets as both databases read it, the lowest bit of the first byte first. */
  byte[] mask(BitSet set) {
    byte[] mask = new byte[count() / Byte.SIZE];
    byte[] bits = set.toByteArray();
    System.arraycopy(bits, 0, mask, 0, bits.length);
    return mask;
  }
}
