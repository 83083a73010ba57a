package io.inbox.internal;

import io.inbox.BatchHandler;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Reason;
import io.inbox.error.InvalidMessageException;
import io.inbox.spi.ClaimRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The path of a batch: repeats collapse in memory, the rest is claimed by one statement in key
 * order and handled in delivery order, one commit. When the transaction fails because of a message,
 * it is halved until the one that fails stands alone; the others commit.
 */
public final class BatchDelivery {
  private static final int MOST_MESSAGES = 10_000;

  private final Wiring wiring;
  private final BatchHandler handler;

  private BatchDelivery(Wiring wiring, BatchHandler handler) {
    this.wiring = wiring;
    this.handler = handler;
  }

  /** Decides every delivery of a batch; outcomes come in delivery order. */
  public static List<Outcome<Void>> of(
      Wiring wiring, List<Message> messages, BatchHandler handler) {
    return new BatchDelivery(wiring, handler).decide(messages);
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
    List<BatchUnit.Entry> alone = new ArrayList<>(0);
    for (BatchUnit.Entry entry : first.values()) {
      (wiring.deliveriesExhausted(entry.request.message()) ? alone : group).add(entry);
    }
    if (!group.isEmpty()) {
      decideGroup(group, false);
    }
    for (BatchUnit.Entry entry : alone) {
      entry.outcome = single(entry.request.message());
    }
    return outcomes(requests, first);
  }

  private List<ClaimRequest> requests(List<Message> messages) {
    List<ClaimRequest> requests = new ArrayList<>(messages.size());
    for (Message message : messages) {
      ClaimRequest request = wiring.request(message);
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

  private void decideGroup(List<BatchUnit.Entry> entries, boolean hasty) {
    MessageKey key = entries.get(0).request.key();
    Stopwatch stopwatch = new Stopwatch();
    UnitRunner runner = new UnitRunner(wiring, key, stopwatch);
    BatchUnit unit = new BatchUnit(wiring, handler, entries, hasty, stopwatch, runner);
    boolean split = false;
    Nesting.enter(key);
    Deliveries.Scope scope = Deliveries.enter(key, entries.get(0).request.message());
    try {
      boolean answered = runner.run(unit::run);
      split = !answered && entries.size() > 1;
      hasty = true;
    } catch (UnitFailure failure) {
      split =
          failure.reason().equals(Reason.HANDLER_FAILED)
              && entries.size() > 1
              && !(failure.culprit() instanceof InterruptedException); // told to stop, not to go on
      if (!split) {
        fail(entries, failure);
      }
    } finally {
      scope.close();
      Nesting.exit();
    }
    if (split) {
      int middle = entries.size() / 2;
      decideGroup(entries.subList(0, middle), hasty);
      decideGroup(entries.subList(middle, entries.size()), hasty);
      return;
    }
    for (BatchUnit.Entry entry : entries) {
      Deliveries.delivered(
          wiring, entry.request.message(), entry.outcome(), stopwatch.stop(), entries.size());
    }
  }

  private void fail(List<BatchUnit.Entry> entries, UnitFailure failure) {
    for (BatchUnit.Entry entry : entries) {
      entry.outcome = Failures.outcome(wiring, entry.request, failure);
    }
    if (failure.culprit() instanceof Error) {
      throw (Error) failure.culprit();
    }
    if (failure.culprit() instanceof InterruptedException) {
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
        outcomes.add(single(request.message()));
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
        || java.util.Arrays.equals(a.fingerprint(), b.fingerprint());
  }

  private static Outcome<Void> repeated(Outcome<Void> first) {
    if (first instanceof Outcome.Processed) {
      return new Outcome.Duplicate<>(first.key(), Instant.now(), null, Reason.SAME_KEY);
    }
    if (first instanceof Outcome.DeadLettered<Void> dead) {
      @Nullable Throwable none = null;
      return new Outcome.DeadLettered<>(dead.key(), Reason.SAME_KEY, none);
    }
    return first;
  }
}
