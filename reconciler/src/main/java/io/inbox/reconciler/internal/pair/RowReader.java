package io.inbox.reconciler.internal.pair;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes rows of a side out of rows whose columns stand in the order of their source. */
final class RowReader {
  private final Shape shape;
  private final int key;
  private final int tenant;
  private final int source;
  private final int[] values;
  private long withoutKey;

  RowReader(Shape shape, List<String> labels) {
    this.shape = shape;
    this.key = labels.indexOf("key");
    this.tenant = labels.indexOf("tenant");
    this.source = labels.indexOf("source");
    this.values = shape.values().stream().mapToInt(it -> labels.indexOf(it.label())).toArray();
  }

  /** Returns whether a row has a key; counts those that have none. */
  boolean hasKey(List<@Nullable String> row) {
    if (row.get(key) == null) {
      withoutKey++;
      return false;
    }
    return true;
  }

  long withoutKey() {
    return withoutKey;
  }

  Row row(int bucket, List<@Nullable String> row) {
    List<@Nullable String> read = new ArrayList<>(values.length);
    for (int value : values) {
      read.add(row.get(value));
    }
    return new Row(bucket, key(row), read);
  }

  ItemKey key(List<@Nullable String> row) {
    return new ItemKey(
        orEmpty(row.get(key)),
        shape.tenant() ? orEmpty(row.get(tenant)) : "",
        shape.source() ? orEmpty(row.get(source)) : "");
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
