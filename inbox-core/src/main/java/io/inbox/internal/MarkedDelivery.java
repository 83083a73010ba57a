package io.inbox.internal;

import io.inbox.BatchHandler;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.Watermark;
import io.inbox.error.InvalidMessageException;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.DeliveryEvent.Timing;
import io.inbox.spi.WatermarkKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The path of messages at positions: one move of the watermark and one commit for all of them. When
 * the transaction fails because of a message, it is halved until the one that fails stands alone;
 * those before it commit, and the watermark stops before it until it is handled or a dead letter.
 */
public final class MarkedDelivery {
  private static final int MOST_MESSAGES = 10_000;

  private final Wiring wiring;
  private final OwnedMark mark;
  private final BatchHandler handler;
  private final MarkedFailure failures;

  /** How long those behind a message that is not settled have to wait; null if there is none. */
  private @Nullable Duration waiting;

  private MarkedDelivery(Wiring wiring, OwnedMark mark, BatchHandler handler) {
    this.wiring = wiring;
    this.mark = mark;
    this.handler = handler;
    this.failures = new MarkedFailure(wiring, mark);
  }

  /** Decides every message; outcomes come in the same order. */
  public static List<Outcome<Void>> of(
      Wiring wiring, OwnedMark mark, List<Watermark.Positioned> batch, BatchHandler handler) {
    mark.enter();
    try {
      return new MarkedDelivery(wiring, mark, handler).decide(entries(wiring, mark, batch));
    } finally {
      mark.exit();
    }
  }

  /** Stores what cannot become a message as a dead letter and passes its position. */
  public static Outcome<Void> setAside(
      Wiring wiring,
      OwnedMark mark,
      long position,
      Map<String, String> headers,
      byte @Nullable [] payload,
      String error) {
    WatermarkKey at = mark.key();
    String id = at.stream() + "-" + at.partition() + "@" + position;
    MarkedEntry entry =
        entry(wiring, at, position, Message.builder(id).tenant(at.tenant()).build());
    mark.enter();
    try {
      return new MarkedFailure(wiring, mark).setAside(entry, headers, payload, error);
    } finally {
      mark.exit();
    }
  }

  private static List<MarkedEntry> entries(
      Wiring wiring, OwnedMark mark, @Nullable List<Watermark.Positioned> batch) {
    if (batch == null) {
      throw new InvalidMessageException(
          "IBX-138", "the list of messages is null (hand in an empty one for no messages)");
    }
    if (batch.size() > MOST_MESSAGES) {
      throw new InvalidMessageException(
          "IBX-114",
          "a batch of "
              + batch.size()
              + " messages > "
              + MOST_MESSAGES
              + " (hand in smaller batches; 100 to 1,000 is quick)");
    }
    List<MarkedEntry> entries = new ArrayList<>(batch.size());
    long last = -1;
    for (Watermark.Positioned positioned : batch) {
      if (positioned == null) {
        throw new InvalidMessageException("IBX-138", "the message is null");
      }
      if (positioned.position() <= last) {
        throw new InvalidMessageException(
            "IBX-116",
            "position "
                + positioned.position()
                + " comes after "
                + last
                + " in one batch of "
                + mark.key()
                + " (hand messages in by ascending position: one behind the watermark counts as handled)");
      }
      last = positioned.position();
      entries.add(entry(wiring, mark.key(), last, positioned.message()));
    }
    return entries;
  }

  private static MarkedEntry entry(Wiring wiring, WatermarkKey at, long position, Message message) {
    ClaimRequest request = wiring.unchecked(message);
    if (!request.key().tenant().equals(at.tenant())) {
      throw new InvalidMessageException(
          "IBX-111",
          "the message at position "
              + position
              + " is of another tenant than the watermark "
              + at
              + " (take a watermark over for each tenant: one transaction serves one tenant)");
    }
    return new MarkedEntry(position, request);
  }

  private List<Outcome<Void>> decide(List<MarkedEntry> entries) {
    int from = 0;
    for (int i = 0; i < entries.size(); i++) {
      Message message = entries.get(i).request.message();
      boolean refused = wiring.refusal(message) != null;
      if (refused || wiring.deliveriesExhausted(message)) {
        decideGroup(entries.subList(from, i)); // what comes before it is decided before it
        decideAlone(entries.subList(i, i + 1), refused);
        from = i + 1;
      }
    }
    decideGroup(entries.subList(from, entries.size()));
    List<Outcome<Void>> outcomes = new ArrayList<>(entries.size());
    entries.forEach(entry -> outcomes.add(entry.outcome()));
    return Collections.unmodifiableList(outcomes);
  }

  private void decideAlone(List<MarkedEntry> one, boolean refused) {
    MarkedEntry entry = one.get(0);
    if (!refused || waiting != null || entry.position <= mark.position()) {
      decideGroup(one);
      return;
    }
    InvalidMessageException refusal =
        Objects.requireNonNull(wiring.refusal(entry.request.message()));
    Duration after = wiring.backoff(entry.request.message());
    entry.outcome = new Outcome.Failed<>(entry.request.key(), refusal, Reason.INVALID, 0, after);
    waiting = after;
    tell(one, new Stopwatch());
  }

  private void decideGroup(List<MarkedEntry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    Stopwatch stopwatch = new Stopwatch();
    if (waiting != null || mark.fenced()) {
      Reason reason = mark.fenced() ? Reason.FENCED : Reason.BEHIND_ANOTHER;
      for (MarkedEntry entry : entries) {
        Duration backoff = wiring.backoff(entry.request.message());
        entry.notDecided(reason, waiting == null ? backoff : waiting);
      }
      tell(entries, stopwatch);
      return;
    }
    MessageKey key = entries.get(0).request.key();
    UnitRunner runner = new UnitRunner(wiring, key, stopwatch);
    MarkedUnit unit = new MarkedUnit(wiring, mark, handler, entries, stopwatch, runner);
    boolean split = false;
    DeliveryScope scope = DeliveryScope.enter(key, entries.get(0).request.message());
    try {
      mark.reached(runner.run(unit::run).reached());
    } catch (UnitFailure failure) {
      split = entries.size() > 1 && BatchDelivery.halvingHelps(failure);
      if (!split) {
        fail(entries, failure);
      }
    } finally {
      scope.close();
    }
    if (split) {
      int middle = entries.size() / 2;
      decideGroup(entries.subList(0, middle));
      decideGroup(entries.subList(middle, entries.size()));
      return;
    }
    tell(entries, stopwatch);
  }

  private void fail(List<MarkedEntry> entries, UnitFailure failure) {
    Throwable culprit = failure.culprit();
    if (culprit instanceof Error error && entries.size() > 1) {
      throw error; // whose fault it is cannot be told, so nobody's is counted
    }
    if (entries.size() == 1) {
      entries.get(0).outcome = failures.outcome(entries.get(0), failure);
    } else {
      for (MarkedEntry entry : entries) {
        entry.outcome = Failures.outcome(wiring, entry.request, failure);
      }
    }
    if (culprit instanceof Error error) {
      throw error;
    }
    if (culprit instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
  }

  /** Logs the outcomes, and lets those that follow wait for one that is not settled. */
  private void tell(List<MarkedEntry> entries, Stopwatch stopwatch) {
    Timing timing = stopwatch.stop();
    for (MarkedEntry entry : entries) {
      Outcome<Void> outcome = entry.outcome();
      Deliveries.delivered(wiring, entry.request.message(), outcome, timing, entries.size());
      if (waiting == null && !outcome.acknowledge()) {
        waiting = BatchDelivery.retryAfter(outcome);
      }
    }
  }
}
