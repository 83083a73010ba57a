package io.inbox.internal;

import io.inbox.GroupCommit;
import io.inbox.Handler;
import io.inbox.Message;
import io.inbox.MessageKey;
import io.inbox.Outcome;
import io.inbox.Transaction;
import io.inbox.spi.ClaimRequest;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Concurrent deliveries that share transactions, by leaders and followers: a call that finds few
 * enough transactions under way leads one at once. The others wait; when a leader is done, it hands
 * over to the first that waits, which leads all that wait with it. So each call leads once at most,
 * no thread of our own is needed, and groups grow just as far as the database is behind.
 *
 * <p>Whatever goes wrong with a group beyond one message's own failure is not guessed about: the
 * calls it has not decided go alone, each on its own thread, and find out by claiming their keys.
 */
public final class SharedDeliveries {
  private final Wiring wiring;
  private final GroupCommit options;
  private final ReentrantLock lock = new ReentrantLock();

  /** Those that wait, by tenant, the tenant whose turn it is first. */
  private final Map<String, ArrayDeque<SharedCall>> waiting = new LinkedHashMap<>();

  private int underWay;

  /** Deliveries of one inbox. */
  public SharedDeliveries(Wiring wiring, GroupCommit options) {
    this.wiring = wiring;
    this.options = options;
  }

  /** Decides one delivery, together with others or alone. */
  public Outcome<Void> process(Message message, Handler handler) {
    ClaimRequest request = wiring.request(message);
    return process(
        request,
        handler,
        () ->
            SingleDelivery.of(
                wiring,
                request,
                tx -> {
                  handler.handle(tx);
                  return null;
                },
                null,
                null));
  }

  /**
   * Decides one delivery, together with others or alone.
   *
   * @param alone how it is handled by itself
   */
  Outcome<Void> process(ClaimRequest request, Handler handler, Supplier<Outcome<Void>> alone) {
    Nesting.refuse(request.key().toString());
    if (wiring.deliveriesExhausted(request.message())) {
      return alone.get();
    }
    SharedCall call = new SharedCall(request, handler, alone);
    enter(call);
    return switch (call.await(options.patience().toNanos(), this::withdraw)) {
      case LEADER -> lead(call);
      case DECIDED -> call.outcome();
      default -> call.alone();
    };
  }

  private void enter(SharedCall call) {
    lock.lock();
    try {
      waiting.computeIfAbsent(call.request.key().tenant(), tenant -> new ArrayDeque<>()).add(call);
      if (underWay < options.transactions()) {
        underWay++;
        appointLeader();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes a call out that nobody has taken yet; returns whether it could. */
  private boolean withdraw(SharedCall call) {
    lock.lock();
    try {
      ArrayDeque<SharedCall> calls = waiting.get(call.request.key().tenant());
      if (calls == null || !calls.remove(call)) {
        return false;
      }
      if (calls.isEmpty()) {
        waiting.remove(call.request.key().tenant());
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Gives the place of a transaction that has ended to those that wait. */
  private void handOver() {
    lock.lock();
    try {
      if (waiting.isEmpty()) {
        underWay--;
      } else {
        appointLeader();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The first that waits leads those of its tenant; a tenant with more has its turn again last. */
  private void appointLeader() {
    Map.Entry<String, ArrayDeque<SharedCall>> turn = waiting.entrySet().iterator().next();
    ArrayDeque<SharedCall> calls = turn.getValue();
    waiting.remove(turn.getKey());
    List<SharedCall> group = new ArrayList<>(Math.min(calls.size(), options.messages()));
    Set<MessageKey> keys = new HashSet<>();
    for (Iterator<SharedCall> each = calls.iterator();
        each.hasNext() && group.size() < options.messages(); ) {
      SharedCall call = each.next();
      if (keys.add(
          call.request.key())) { // a repeat comes in a later group, and is a duplicate there
        group.add(call);
        each.remove();
      }
    }
    if (!calls.isEmpty()) {
      waiting.put(turn.getKey(), calls);
    }
    group.forEach(call -> call.taken(group));
  }

  private Outcome<Void> lead(SharedCall leader) {
    List<SharedCall> group = leader.group();
    try {
      if (group.size() == 1) {
        return leader.alone();
      }
      decide(group);
    } finally {
      try {
        handOver();
      } finally {
        group.forEach(SharedCall::finish);
      }
    }
    return leader.isDecided() ? leader.outcome() : leader.alone();
  }

  private void decide(List<SharedCall> group) {
    IdentityHashMap<Message, SharedCall> calls = new IdentityHashMap<>();
    List<ClaimRequest> requests = new ArrayList<>(group.size());
    for (SharedCall call : group) {
      calls.put(call.request.message(), call);
      requests.add(call.request);
    }
    boolean interrupted = Thread.interrupted(); // that is no affair of the others' handlers
    try {
      List<@Nullable Outcome<Void>> outcomes =
          BatchDelivery.shared(wiring, requests, (fresh, tx) -> handle(fresh, tx, calls));
      for (int i = 0; i < group.size(); i++) {
        @Nullable Outcome<Void> outcome = outcomes.get(i);
        if (outcome != null) {
          group.get(i).decided(outcome);
        } // else it finds out by itself, and has an exception of its own
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Runs the handlers one after the other, in the order of the messages' subjects: two groups that
   * lock rows of these subjects cannot deadlock. Neighbours that run the same query are one batch.
   */
  private static void handle(
      List<Message> fresh, Transaction tx, IdentityHashMap<Message, SharedCall> calls)
      throws HandlerFailure, SQLException {
    List<Message> ordered = new ArrayList<>(fresh);
    ordered.sort((a, b) -> a.subject().orElse("").compareTo(b.subject().orElse("")));
    List<QueryHandler> batch = new ArrayList<>();
    for (Message message : ordered) {
      SharedCall call = Objects.requireNonNull(calls.get(message));
      boolean query = call.handler instanceof QueryHandler && message.deliveryCount() <= 1;
      if (!batch.isEmpty() && !(query && batch.get(0).joins((QueryHandler) call.handler))) {
        QueryHandler.runAll(batch, tx.connection());
        batch.clear();
      }
      if (query) {
        batch.add((QueryHandler) call.handler);
      } else {
        ((HandlerTransaction) tx).lend(message, call.request.key(), call.handler);
      }
    }
    if (!batch.isEmpty()) {
      QueryHandler.runAll(batch, tx.connection());
    }
  }
}
