package io.inbox.reconciler.internal.pair;

import java.util.BitSet;

/** One of the two sides that are compared. Used by one thread at a time. */
interface Side {
  /** Counts and sums each bucket of a range; reads all keys within the bounds once. */
  Checksums checksums(Bounds bounds, HashRange range) throws Exception;

  /** Returns the rows of some buckets, in order. */
  Rows rows(Bounds bounds, BitSet buckets) throws Exception;

  /** Ends what another thread is waiting for, as soon as that can be. */
  void cancel();
}
