package io.inbox.torture.driver;

import io.inbox.torture.plan.Kind;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.plan.Plan.Chunk;
import io.inbox.torture.plan.Plan.Copy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/**
 * What is to be delivered: the plan as far as it was read, and what must be delivered again. Used
 * by the broker only.
 */
final class Backlog {
  /** Enough for every thread and what waits to be delivered again. */
  static final int MOST_UNSETTLED = 3_000;

  private static final int LARGEST_REPEAT = 8;

  private final Plan plan;
  private final Plan.Cursor cursor;
  private final Deque<Delivery> again = new ArrayDeque<>();
  private final PriorityQueue<Delivery> later =
      new PriorityQueue<>(Comparator.comparingLong(Delivery::dueAt));
  private final BitSet acknowledged = new BitSet();
  private final BitSet begun = new BitSet();
  private int unsettled;

  Backlog(Plan plan) {
    this.plan = plan;
    this.cursor = plan.cursor();
  }

  /**
   * Deliveries for one task.
   *
   * @param fresh whether it is a first delivery of a message that is to be handled
   */
  record Load(List<Delivery> deliveries, boolean batch, boolean fresh) {}

  Plan.Cursor cursor() {
    return cursor;
  }

  /** Returns whether everything is settled. */
  boolean done() {
    return !cursor.hasNext() && unsettled == 0;
  }

  int unsettled() {
    return unsettled;
  }

  /**
   * Returns the next deliveries; an empty load if there are none now.
   *
   * @param most how many may be unsettled for something new to be begun
   */
  Load next(int most) {
    long now = System.nanoTime();
    while (!later.isEmpty() && later.peek().dueAt() - now <= 0) {
      again.add(later.remove());
    }
    if (!again.isEmpty()) {
      return repeats();
    }
    if (!cursor.hasNext() || unsettled >= most) {
      return new Load(List.of(), false, false);
    }
    Chunk chunk = cursor.next();
    List<Delivery> deliveries = new ArrayList<>();
    boolean fresh = !chunk.batch();
    for (Copy copy : chunk.copies()) {
      Delivery delivery = new Delivery(copy);
      unsettled++;
      if (copy.altered() && !acknowledged.get(copy.message())) {
        postpone(delivery, 200); // else it could be the first one, and the intact one the mismatch
      } else {
        deliveries.add(delivery);
        fresh &= !begun.get(copy.message()) && plan.message(copy.message()).kind() == Kind.NORMAL;
        begun.set(copy.message());
      }
    }
    return deliveries.isEmpty() ? next(most) : new Load(deliveries, chunk.batch(), fresh);
  }

  private Load repeats() {
    List<Delivery> deliveries = new ArrayList<>();
    Delivery first = again.remove();
    deliveries.add(first);
    boolean batch = first.message() % 2 == 0;
    while (batch
        && !again.isEmpty()
        && again.peek().group() == first.group()
        && deliveries.size() < LARGEST_REPEAT) {
      deliveries.add(again.remove());
    }
    return new Load(deliveries, batch, false);
  }

  /** Adds one more copy of what is delivered. */
  Delivery twin(Delivery delivery) {
    unsettled++;
    return new Delivery(new Copy(delivery.message(), delivery.altered()));
  }

  /** Takes back what was given to a worker that died. */
  void takeBack(List<Delivery> deliveries) {
    deliveries.forEach(again::addFirst);
  }

  void postpone(Delivery delivery, long millis) {
    delivery.notBefore(System.nanoTime() + millis * 1_000_000);
    later.add(delivery);
  }

  void settle(Delivery delivery) {
    unsettled--;
    acknowledged.set(delivery.message());
  }
}
