package io.inbox.internal;

import io.inbox.BatchHandler;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.InvalidMessageException;
import io.inbox.spi.ClaimRequest;
import io.inbox.spi.DeliveryEvent.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The path of a batch: repeats collapse in memory, the rest is claimed together in key order and
 * handled in delivery order, one commit. When the transaction fails because of a message, it is
 * halved until the one that fails stands alone; the others commit.
 *
 * <p>Parts are decided from left to right. Where messages have an order to keep, those behind one
 * that is not settled are left out of every later part.
 */
public final class BatchDelivery {
  private static final Logger LOG = LoggerFactory.getLogger(BatchDelivery.class);
  private static final int MOST_MESSAGES = 10_000;

  private final Wiring wiring;
  private final BatchHandler handler;
  private final @Nullable Function<Message, ?> sequence;
  private final boolean errorsAreOutcomes;

  /** Sequences that wait for a message of theirs, and how long. */
  private final Map<Object, Duration> waiting = new HashMap<>();

  private BatchDelivery(
      Wiring wiring,
      BatchHandler handler,
      @Nullable Function<Message, ?> sequence,
      boolean errorsAreOutcomes) {
    this.wiring = wiring;
    this.handler = handler;
    this.sequence = sequence;
    this.errorsAreOutcomes = errorsAreOutcomes;
  }

  /**
   * Decides every delivery of a batch; outcomes come in delivery order.
   *
   * @param sequence what messages that must keep their order have in common; null if none must
   */
  public static List<Outcome<Void>> of(
      Wiring wiring,
      List<Message> messages,
      BatchHandler handler,
      @Nullable Function<Message, ?> sequence) {
    return new BatchDelivery(wiring, handler, sequence, false).decide(messages);
  }

  /**
   * Decides deliveries of distinct keys of one tenant that share a transaction for no other reason
   * than that they came together. Whatever one message's handler throws is the cause in its outcome
   * and does not keep the others from being decided, unless the process is beyond repair.
   *
   * @return one outcome for each message, in the same order; null for one that was not decided
   *     because the library's own statements failed for good
   */
  static List<@Nullable Outcome<Void>> shared(
      Wiring wiring, List<ClaimRequest> requests, BatchHandler handler) {
    BatchDelivery delivery = new BatchDelivery(wiring, handler, null, true);
    List<BatchUnit.Entry> entries = new ArrayList<>(requests.size());
    for (ClaimRequest request : requests) {
      entries.add(new BatchUnit.Entry(request));
    }
    try {
      delivery.decideGroup(entries, false);
    } catch (RuntimeException e) {
      LOG.debug("Deliveries that share a transaction could not be decided together", e);
    }
    List<@Nullable Outcome<Void>> outcomes = new ArrayList<>(entries.size());
    for (BatchUnit.Entry entry : entries) {
      outcomes.add(entry.outcome);
    }
    return outcomes;
  }

  private List<Outcome<Void>> decide(@Nullable List<Message> messages) {
    if (messages == null) {
      throw new InvalidMessageException(
          "IBX-138", "the list of messages is null (hand in an empty one for no messages)");
    }
    if (messages.size() > MOST_MESSAGES) {
      throw new InvalidMessageException(
          "IBX-114",
          "a batch of "
              + messages.size()
              + " messages > "
              + MOST_MESSAGES
              + " (hand in smaller batches; 100 to 1,000 is quick)");
    }
    List<ClaimRequest> requests = requests(messages);
    Map<MessageKey, BatchUnit.Entry> first = new LinkedHashMap<>();
    for (ClaimRequest request : requests) {
      first.putIfAbsent(request.key(), new BatchUnit.Entry(request));
    }
    List<BatchUnit.Entry> group = new ArrayList<>(first.size());
    for (BatchUnit.Entry entry : first.values()) {
      if (!standsAlone(entry)) {
        group.add(entry);
        continue;
      }
      if (sequence != null) { // what comes before it in its sequence is decided before it
        decideGroup(group, false);
        group = new ArrayList<>();
      }
      decideAlone(entry);
    }
    decideGroup(group, false);
    return outcomes(requests, first);
  }

  private List<ClaimRequest> requests(List<Message> messages) {
    List<ClaimRequest> requests = new ArrayList<>(messages.size());
    for (Message message : messages) {
      ClaimRequest request = wiring.unchecked(message);
      if (!requests.isEmpty() && !requests.get(0).key().tenant().equals(request.key().tenant())) {
        throw new InvalidMessageException(
            "IBX-111",
            "the tenant changes within the batch at index "
                + requests.size()
                + " (hand in one batch for each tenant: one transaction serves one tenant)");
      }
      requests.add(request);
    }
    return requests;
  }

  private boolean standsAlone(BatchUnit.Entry entry) {
    return wiring.refusal(entry.request) != null
        || wiring.deliveriesExhausted(entry.request.message());
  }

  private void decideAlone(BatchUnit.Entry entry) {
    if (isBehind(entry.request)) {
      entry.outcome = behind(entry.request);
      return;
    }
    @Nullable InvalidMessageException refusal = wiring.refusal(entry.request);
    entry.outcome =
        refusal == null ? single(entry.request.message()) : refused(entry.request, refusal);
    decided(entry);
  }

  /** Makes a sequence wait for its message if that is not settled. */
  private void decided(BatchUnit.Entry entry) {
    Outcome<Void> outcome = entry.outcome();
    @Nullable Object of = sequenceOf(entry.request);
    if (of != null && !outcome.acknowledge()) {
      waiting.put(of, retryAfter(outcome));
    }
  }

  static Duration retryAfter(Outcome<Void> outcome) {
    if (outcome instanceof Outcome.Failed<Void> failed) {
      return failed.retryAfter();
    }
    return outcome instanceof Outcome.InFlight<Void> busy ? busy.retryAfter() : Duration.ZERO;
  }

  private @Nullable Object sequenceOf(ClaimRequest request) {
    return sequence == null ? null : sequence.apply(request.message());
  }

  private boolean isBehind(ClaimRequest request) {
    return !waiting.isEmpty() && waiting.containsKey(sequenceOf(request));
  }

  private Outcome<Void> behind(ClaimRequest request) {
    Duration after = waiting.getOrDefault(sequenceOf(request), Duration.ZERO);
    Outcome<Void> outcome = new Outcome.InFlight<>(request.key(), Reason.BEHIND_ANOTHER, after);
    Deliveries.delivered(wiring, request.message(), outcome, new Stopwatch().stop(), 1);
    return outcome;
  }

  /** Returns the entries that need not wait for an earlier one; the others are decided. */
  private List<BatchUnit.Entry> inTurn(List<BatchUnit.Entry> entries) {
    if (waiting.isEmpty()) {
      return entries;
    }
    List<BatchUnit.Entry> inTurn = new ArrayList<>(entries.size());
    for (BatchUnit.Entry entry : entries) {
      if (isBehind(entry.request)) {
        entry.outcome = behind(entry.request);
      } else {
        inTurn.add(entry);
      }
    }
    return inTurn;
  }

  /** One message that breaks a limit must not keep the others from being handled. */
  private Outcome<Void> refused(ClaimRequest request, InvalidMessageException refusal) {
    Outcome<Void> outcome =
        new Outcome.Failed<>(
            request.key(), refusal, Reason.INVALID, 0, wiring.backoff(request.message()));
    Deliveries.delivered(wiring, request.message(), outcome, new Stopwatch().stop(), 1);
    return outcome;
  }

  private void decideGroup(List<BatchUnit.Entry> group, boolean hasty) {
    List<BatchUnit.Entry> entries = inTurn(group);
    if (entries.isEmpty()) {
      return;
    }
    MessageKey key = entries.get(0).request.key();
    Stopwatch stopwatch = new Stopwatch();
    UnitRunner runner = new UnitRunner(wiring, key, stopwatch);
    BatchUnit unit = new BatchUnit(wiring, handler, entries, hasty, stopwatch, runner);
    boolean split = false;
    DeliveryScope scope = DeliveryScope.enter(key, entries.get(0).request.message());
    try {
      boolean answered = runner.run(unit::run);
      split = !answered && entries.size() > 1;
      hasty = true;
    } catch (UnitFailure failure) {
      split = entries.size() > 1 && (halvingHelps(failure) || isOneStrangers(failure));
      if (!split) {
        fail(entries, failure);
      }
    } catch (RuntimeException | Error e) {
      forget(entries); // what they say was rolled back
      throw e;
    } finally {
      scope.close();
    }
    if (split) {
      forget(entries);
      int middle = entries.size() / 2;
      decideGroup(entries.subList(0, middle), hasty);
      decideGroup(entries.subList(middle, entries.size()), hasty);
      return;
    }
    Timing timing = stopwatch.stop();
    for (BatchUnit.Entry entry : entries) {
      Deliveries.delivered(
          wiring, entry.request.message(), entry.outcome(), timing, entries.size());
      decided(entry);
    }
  }

  private static void forget(List<BatchUnit.Entry> entries) {
    for (BatchUnit.Entry entry : entries) {
      entry.outcome = null;
    }
  }

  /** What one handler met is not what the others would meet, where they have nothing in common. */
  private boolean isOneStrangers(UnitFailure failure) {
    return errorsAreOutcomes
        && failure.ofHandler()
        && !fatal(failure.culprit())
        && !failure.reason().equals(Reason.COMMIT_IN_DOUBT);
  }

  /** One message may be to blame, and the others can go on without it. */
  static boolean halvingHelps(UnitFailure failure) {
    return !fatal(failure.culprit())
        && (failure.reason().equals(Reason.HANDLER_FAILED)
            || failure.reason().equals(Reason.CONTENTION));
  }

  /** The process is beyond repair; a stack overflow is not: deep input causes it. */
  private static boolean fatal(Throwable culprit) {
    return culprit instanceof VirtualMachineError && !(culprit instanceof StackOverflowError);
  }

  private void fail(List<BatchUnit.Entry> entries, UnitFailure failure) {
    if (fatal(failure.culprit()) && entries.size() > 1) {
      throw (Error) failure.culprit(); // whose fault it is cannot be told, so nobody's is counted
    }
    for (BatchUnit.Entry entry : entries) {
      entry.outcome = Failures.outcome(wiring, entry.request, failure);
    }
    if (failure.culprit() instanceof Error && (!errorsAreOutcomes || fatal(failure.culprit()))) {
      throw (Error) failure.culprit();
    }
    if (failure.culprit() instanceof InterruptedException && !errorsAreOutcomes) {
      Thread.currentThread().interrupt();
    }
  }

  /** Spreads the outcomes of the first deliveries over their repeats. */
  private List<Outcome<Void>> outcomes(
      List<ClaimRequest> requests, Map<MessageKey, BatchUnit.Entry> first) {
    List<Outcome<Void>> outcomes = new ArrayList<>(requests.size());
    for (ClaimRequest request : requests) {
      BatchUnit.Entry entry = Objects.requireNonNull(first.get(request.key()));
      if (entry.isFor(request)) {
        outcomes.add(entry.outcome());
      } else if (sameContent(entry.request, request)) {
        Outcome<Void> repeat = repeated(entry.outcome());
        Deliveries.delivered(wiring, request.message(), repeat, new Stopwatch().stop(), 1);
        outcomes.add(repeat);
      } else {
        outcomes.add(isBehind(request) ? behind(request) : single(request.message()));
      }
    }
    return Collections.unmodifiableList(outcomes);
  }

  /** Another copy under a key of this batch decides for itself, after the first one. */
  private Outcome<Void> single(Message message) {
    return SingleDelivery.of(
        wiring,
        message,
        tx -> {
          handler.handle(List.of(message), tx);
          return null;
        },
        null);
  }

  private static boolean sameContent(ClaimRequest a, ClaimRequest b) {
    return a.fingerprint() == null
        || b.fingerprint() == null
        || Arrays.equals(a.fingerprint(), b.fingerprint());
  }

  private static Outcome<Void> repeated(Outcome<Void> first) {
    if (first instanceof Outcome.Processed) {
      return new Outcome.Duplicate<>(first.key(), null, null, Reason.SAME_KEY);
    }
    if (first instanceof Outcome.DeadLettered<Void> dead) {
      @Nullable Throwable none = null;
      return new Outcome.DeadLettered<>(dead.key(), Reason.SAME_KEY, none);
    }
    return first;
  }
}
