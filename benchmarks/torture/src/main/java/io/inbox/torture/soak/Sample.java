package io.inbox.torture.soak;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What there was at one moment: figures by name, in the order in which they are written. Takes
 * little room, because all samples are kept while the heap is watched. Immutable.
 */
final class Sample {
  static final String DELIVERIES = "deliveries";
  static final String HEAP = "heap_bytes";
  static final String THREADS = "threads";
  static final String CONNECTIONS = "connections";
  static final String IN_USE = "connections_in_use";
  static final String STATEMENTS = "prepared_statements";
  static final String BACKLOG = "backlog";

  /** What the names of figures begin with of which each table has one. */
  static final String ROWS = "rows.";

  static final String DEAD = "dead.";
  static final String BYTES = "bytes.";

  private final Duration at;
  private final Part part;
  private final List<String> names;
  private final long[] values;

  private Sample(Duration at, Part part, List<String> names, long[] values) {
    this.at = at;
    this.part = part;
    this.names = names;
    this.values = values;
  }

  /**
   * Returns a sample.
   *
   * @param at when, since the load began
   * @param before one whose names it shares if they are the same; null for none
   */
  static Sample of(Duration at, Part part, Map<String, Long> figures, @Nullable Sample before) {
    List<String> names = List.copyOf(figures.keySet());
    return new Sample(
        at,
        part,
        before != null && before.names.equals(names) ? before.names : names,
        figures.values().stream().mapToLong(Long::longValue).toArray());
  }

  Duration at() {
    return at;
  }

  Part part() {
    return part;
  }

  List<String> names() {
    return names;
  }

  /** Returns a figure; 0 where there was nothing to count, as before a table was there. */
  long get(String figure) {
    int index = names.indexOf(figure);
    return index < 0 ? 0 : values[index];
  }
}
