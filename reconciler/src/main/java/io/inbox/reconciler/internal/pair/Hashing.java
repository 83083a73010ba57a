package io.inbox.reconciler.internal.pair;

import java.security.SecureRandom;

/**
 * How both sides of a check hash, in one run.
 *
 * @param kind by what
 * @param seed of the checksums, where the hash takes one: what one run overlooks the next sees
 * @param buckets how many buckets there are
 */
record Hashing(HashKind kind, long seed, Buckets buckets) {
  /** For questions in which nothing is hashed. */
  static final Hashing DIGEST = new Hashing(HashKind.DIGEST, 0, Buckets.forRows(0));

  private static final SecureRandom SEEDS = new SecureRandom();

  static Hashing of(HashKind kind, long rows) {
    return new Hashing(kind, SEEDS.nextLong(), Buckets.forRows(rows));
  }
}
