package io.inbox.reconciler.internal.pair;

/**
 * A part of all keys: those whose hash begins with one of these 16-bit numbers.
 *
 * @param first the lowest of them
 * @param end the first above them
 */
record HashRange(int first, int end) {
  static final int PARTS = 65_536;

  static final HashRange ALL = new HashRange(0, PARTS);

  boolean isAll() {
    return first == 0 && end == PARTS;
  }

  int size() {
    return end - first;
  }
}
