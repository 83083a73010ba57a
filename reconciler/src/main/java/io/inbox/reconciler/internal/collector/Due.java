package io.inbox.reconciler.internal.collector;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.SortedMap;

/**
 * Which rows may go, as of the database's time at which the run began. Read anew for each batch,
 * because windows, retention and horizons change while a run goes on.
 *
 * @param started when the run began
 * @param margin what is added to every window and retention
 * @param cutoffs for each consumer, by name: its rows of before that time may go. Never later than
 *     the horizon that is published
 * @param settledBefore dead letters that were settled before then may go
 * @param resolvedBefore findings that were resolved before then may go
 */
record Due(
    OffsetDateTime started,
    Duration margin,
    SortedMap<String, OffsetDateTime> cutoffs,
    OffsetDateTime settledBefore,
    OffsetDateTime resolvedBefore) {
  static Due of(
      OffsetDateTime started, CollectorOptions options, SortedMap<String, OffsetDateTime> cutoffs) {
    return new Due(
        started,
        options.margin,
        cutoffs,
        started.minus(options.keepDeadLetters),
        started.minus(options.keepFindings));
  }
}
