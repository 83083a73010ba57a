package io.inbox.reconciler.internal.pair;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How often one side has a key, and with which values. */
final class Tally {
  /** More are counted, not kept: nobody compares them one by one. */
  private static final int KEPT = 16;

  private final List<List<@Nullable String>> values = new ArrayList<>(1);
  private int count;

  void add(List<@Nullable String> rowValues) {
    count++;
    if (values.size() < KEPT) {
      values.add(rowValues);
    }
  }

  int count() {
    return count;
  }

  /** Whether both have the key as often and with the same values, whatever their order. */
  boolean sameAs(Tally other) {
    return count == other.count && sorted().equals(other.sorted());
  }

  private List<String> sorted() {
    return values.stream().map(String::valueOf).sorted().toList();
  }

  List<List<@Nullable String>> values() {
    return values;
  }
}
