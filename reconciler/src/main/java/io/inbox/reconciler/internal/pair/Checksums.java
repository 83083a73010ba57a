package io.inbox.reconciler.internal.pair;

import java.util.BitSet;

/** How many keys of one side are in each bucket, and the sum of their hashes. */
final class Checksums {
  private final int[] counts = new int[Buckets.COUNT];
  private final long[] sums = new long[Buckets.COUNT];
  private long rows;
  private long withoutKey;

  void put(int bucket, long count, long sum) {
    counts[bucket] = Math.toIntExact(count);
    sums[bucket] = sum;
    rows += count;
  }

  void add(int bucket, long hash) {
    counts[bucket]++;
    sums[bucket] += hash;
    rows++;
  }

  void putWithoutKey(long count) {
    withoutKey = count;
  }

  long rows() {
    return rows;
  }

  long withoutKey() {
    return withoutKey;
  }

  int count(int bucket) {
    return counts[bucket];
  }

  BitSet differing(Checksums other) {
    BitSet differing = new BitSet(Buckets.COUNT);
    for (int bucket = 0; bucket < Buckets.COUNT; bucket++) {
      if (counts[bucket] != other.counts[bucket] || sums[bucket] != other.sums[bucket]) {
        differing.set(bucket);
      }
    }
    return differing;
  }
}
