package io.inbox.reconciler.internal.pair;

import io.inbox.reconciler.spi.CheckRun;

/** What a run of a pair check counts for its report. */
final class PairFigures {
  private long inboxRows;
  private long effectRows;
  private long parts;
  private long buckets;
  private long differing;
  private long merged;
  private long suspects;
  private long cleared;
  private long undecided;
  private boolean keylessSeen;

  void compared(Both<Checksums> sums, HashRange range) {
    keylessSeen |= range.first() == 0 && sums.effects().withoutKey() == 0;
    inboxRows += sums.inbox().rows();
    effectRows += sums.effects().rows();
    parts += range.size();
    buckets = sums.inbox().buckets();
    differing += sums.inbox().differing(sums.effects()).cardinality();
  }

  /** Whether all effects were looked at that could have no key, and each had one. */
  boolean sawEveryKeylessEffect() {
    return keylessSeen;
  }

  void merged(Suspects some) {
    merged += some.read();
    suspects += some.found().size();
  }

  /** How many rows of both sides were read. */
  long rows() {
    return inboxRows + effectRows;
  }

  void cleared() {
    cleared++;
  }

  void undecided(int keys) {
    undecided += keys;
  }

  void tell(CheckRun run) {
    run.measured("inbox_rows", inboxRows);
    run.measured("effect_rows", effectRows);
    run.measured("buckets_compared", buckets * parts / HashRange.PARTS);
    run.measured("buckets_differing", differing);
    run.measured("rows_merged", merged);
    run.measured("suspects", suspects);
    run.measured("suspects_cleared", cleared);
    run.measured("suspects_undecided", undecided);
  }
}
