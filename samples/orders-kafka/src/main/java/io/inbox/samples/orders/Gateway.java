package io.inbox.samples.orders;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plays those who order: sends every order, some of them several times, and again until one answer
 * says that it is kept. Then the sender has forgotten it: no second answer brings it back.
 */
final class Gateway {
  private static final int OUTSTANDING = 64;

  private final Iterator<PlaceOrder> planned;
  private final int total;
  private final Map<Long, PlaceOrder> outstanding = new HashMap<>();
  private final PriorityQueue<Again> again =
      new PriorityQueue<>(Comparator.comparingLong(Again::dueAt));
  private final Set<String> kept = new HashSet<>();
  private long sent;

  /** An order that is sent again, and when. */
  private record Again(PlaceOrder order, long dueAt) {}

  Gateway(OrderStream stream) {
    this.planned = stream.deliveries().iterator();
    this.total = stream.orders().size();
  }

  /** Sends what the order service can take now. */
  void send(Child service) {
    while (outstanding.size() < OUTSTANDING) {
      PlaceOrder order = next();
      if (order == null) {
        return;
      }
      outstanding.put(++sent, order);
      service.say(
          "order",
          String.valueOf(sent),
          order.order(),
          order.customer(),
          String.valueOf(order.cents()));
    }
  }

  private @Nullable PlaceOrder next() {
    Again due = again.peek();
    if (due != null && due.dueAt() <= System.nanoTime()) {
      return again.remove().order();
    }
    return planned.hasNext() ? planned.next() : null;
  }

  void kept(long delivery) {
    PlaceOrder order = outstanding.remove(delivery);
    if (order != null) {
      kept.add(order.order());
    }
  }

  void again(long delivery, Duration after) {
    PlaceOrder order = outstanding.remove(delivery);
    if (order != null && !kept.contains(order.order())) {
      again.add(new Again(order, System.nanoTime() + after.toNanos()));
    }
  }

  /** The service died: whoever has no answer to any copy of an order sends it again. */
  void unanswered() {
    Set<String> repeated = new HashSet<>();
    for (PlaceOrder order : outstanding.values()) {
      if (!kept.contains(order.order()) && repeated.add(order.order())) {
        again.add(new Again(order, System.nanoTime()));
      }
    }
    outstanding.clear();
  }

  boolean done() {
    return kept.size() == total && !planned.hasNext() && outstanding.isEmpty();
  }

  int kept() {
    return kept.size();
  }

  /** Returns how many deliveries were sent. */
  long sent() {
    return sent;
  }
}
