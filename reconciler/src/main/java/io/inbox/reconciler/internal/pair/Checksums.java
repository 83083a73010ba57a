package io.inbox.reconciler.internal.pair;

import java.util.BitSet;

/** How many keys of one side are in each bucket, and the sum of their hashes. */
final class Checksums {
  private final Buckets buckets;
  private final int[] counts;
  private final long[] sums;
  private long rows;
  private long withoutKey;

  Checksums(Buckets buckets) {
    this.buckets = buckets;
    this.counts = new int[buckets.count()];
    this.sums = new long[buckets.count()];
  }

  void put(int bucket, long count, long sum) {
    counts[bucket] = Math.toIntExact(count);
    sums[bucket] = sum;
    rows += count;
  }

  void add(long hash, long sum) {
    int bucket = buckets.of(hash);
    counts[bucket]++;
    sums[bucket] += sum;
    rows++;
  }

  void putWithoutKey(long count) {
    withoutKey = count;
  }

  int buckets() {
    return counts.length;
  }

  long rows() {
    return rows;
  }

  long withoutKey() {
    return withoutKey;
  }

  BitSet differing(Checksums other) {
    BitSet differing = new BitSet(counts.length);
    for (int bucket = 0; bucket < counts.length; bucket++) {
      if (counts[bucket] != other.counts[bucket] || sums[bucket] != other.sums[bucket]) {
        differing.set(bucket);
      }
    }
    return differing;
  }
}
