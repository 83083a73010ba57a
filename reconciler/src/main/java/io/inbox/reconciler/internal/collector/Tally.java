package io.inbox.reconciler.internal.collector;

import io.inbox.reconciler.CollectorReport;
import io.inbox.reconciler.internal.collector.Sweep.Swept;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a run has done so far. */
final class Tally implements CollectorReport {
  private final boolean preview;
  private final Instant startedAt;
  private final Map<Target, SortedMap<String, Long>> rows = new EnumMap<>(Target.class);
  private final SortedMap<String, Instant> horizons = new TreeMap<>();
  private final SortedMap<String, Long> unregistered = new TreeMap<>();
  private final List<String> remarks = new ArrayList<>();
  private final List<LocalDate> buckets = new ArrayList<>();
  private long results;
  private long kept;
  private long batches;
  private long hindered;
  private long skipped;
  private long pausedNanos;
  private long nanos;
  private @Nullable String stopped;

  Tally(boolean preview, Instant startedAt) {
    this.preview = preview;
    this.startedAt = startedAt;
    for (Target target : Target.values()) {
      rows.put(target, new TreeMap<>());
    }
  }

  void add(Target target, Swept swept) {
    batches++;
    swept.rows().forEach((consumer, count) -> of(target).merge(consumer, count, Long::sum));
    swept
        .unregistered()
        .forEach((consumer, count) -> unregistered.merge(consumer, count, Long::sum));
    results += swept.results();
    kept += swept.kept();
    skipped += swept.skipped();
  }

  void horizon(String consumer, Instant horizon) {
    horizons.put(consumer, horizon);
    unregistered.remove(consumer);
  }

  void hindered() {
    hindered++;
  }

  void skipped() {
    skipped++;
  }

  void dropped(LocalDate bucket) {
    buckets.add(bucket);
  }

  void paused(long pause) {
    pausedNanos += pause;
  }

  void stop(String why) {
    stopped = why;
  }

  void remark(String remark) {
    remarks.add(remark);
  }

  void took(long elapsed) {
    nanos = elapsed;
  }

  private SortedMap<String, Long> of(Target target) {
    return rows.computeIfAbsent(target, unused -> new TreeMap<>());
  }

  private long sum(Target target) {
    return of(target).values().stream().mapToLong(Long::longValue).sum();
  }

  @Override
  public boolean isPreview() {
    return preview;
  }

  @Override
  public Instant startedAt() {
    return startedAt;
  }

  @Override
  public Optional<String> stopped() {
    return Optional.ofNullable(stopped);
  }

  @Override
  public long messages() {
    return sum(Target.MESSAGE);
  }

  @Override
  public long results() {
    return results;
  }

  @Override
  public long keptCopies() {
    return kept;
  }

  @Override
  public long attempts() {
    return sum(Target.ATTEMPT);
  }

  @Override
  public long deadLetters() {
    return sum(Target.DEAD_LETTER);
  }

  @Override
  public long outboxDeadLetters() {
    return sum(Target.OUTBOX_DEAD_LETTER);
  }

  @Override
  public long findings() {
    return sum(Target.FINDING);
  }

  @Override
  public List<LocalDate> buckets() {
    return List.copyOf(buckets);
  }

  @Override
  public List<OfConsumer> consumers() {
    return horizons.entrySet().stream()
        .map(
            entry ->
                new OfConsumer(
                    entry.getKey(),
                    entry.getValue(),
                    of(Target.MESSAGE).getOrDefault(entry.getKey(), 0L),
                    of(Target.ATTEMPT).getOrDefault(entry.getKey(), 0L),
                    of(Target.DEAD_LETTER).getOrDefault(entry.getKey(), 0L)))
        .toList();
  }

  @Override
  public Map<String, Long> unregistered() {
    return Map.copyOf(unregistered);
  }

  @Override
  public long batches() {
    return batches;
  }

  @Override
  public long hinderedBatches() {
    return hindered;
  }

  @Override
  public long skippedPlaces() {
    return skipped;
  }

  @Override
  public Duration paused() {
    return Duration.ofNanos(pausedNanos);
  }

  @Override
  public Duration elapsed() {
    return Duration.ofNanos(nanos);
  }

  @Override
  public List<String> remarks() {
    return List.copyOf(remarks);
  }

  /** Returns one sentence with what went. */
  @Override
  public String toString() {
    return (preview ? "would remove " : "removed ")
        + messages()
        + " keys, "
        + (buckets.isEmpty() ? "" : buckets.size() + " whole buckets, ")
        + results
        + " results, "
        + kept
        + " copies, "
        + attempts()
        + " attempts, "
        + deadLetters()
        + " dead letters, "
        + outboxDeadLetters()
        + " dead letters of the outbox, "
        + findings()
        + " findings in "
        + elapsed()
        + (stopped == null ? "" : "; stopped: " + stopped);
  }
}
