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

/** Gives any delivery to any worker. */
final class KeyedBacklog implements Backlog {
  private static final int LARGEST_REPEAT = 8;

  private final Plan plan;
  private final Plan.Cursor cursor;
  private final Deque<Delivery> again = new ArrayDeque<>();
  private final PriorityQueue<Delivery> later =
      new PriorityQueue<>(Comparator.comparingLong(Delivery::dueAt));
  private final BitSet acknowledged = new BitSet();
  private final BitSet begun = new BitSet();
  private int unsettled;

  KeyedBacklog(Plan plan) {
    this.plan = plan;
    this.cursor = plan.cursor();
  }

  @Override
  public Plan.Cursor cursor() {
    return cursor;
  }

  @Override
  public boolean done() {
    return !cursor.hasNext() && unsettled == 0;
  }

  @Override
  public int unsettled() {
    return unsettled;
  }

  @Override
  public Load next(WorkerLink worker, int most) {
    return next(most);
  }

  private Load next(int most) {
    long now = System.nanoTime();
    while (!later.isEmpty() && later.peek().dueAt() - now <= 0) {
      again.add(later.remove());
    }
    if (!again.isEmpty()) {
      return repeats();
    }
    if (!cursor.hasNext() || unsettled >= most) {
      return Load.NONE;
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
    return deliveries.isEmpty() ? next(most) : new Load(deliveries, chunk.batch(), fresh, 0);
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
    return new Load(deliveries, batch, false, 0);
  }

  @Override
  public Load twin(Load load, WorkerLink worker) {
    List<Delivery> twins = new ArrayList<>();
    for (Delivery delivery : load.deliveries()) {
      unsettled++;
      twins.add(new Delivery(new Copy(delivery.message(), delivery.altered())));
    }
    return new Load(twins, load.batch(), false, 0);
  }

  @Override
  public void takeBack(OpenTask task) {
    task.deliveries().forEach(again::addFirst);
  }

  @Override
  public void again(OpenTask task, Delivery delivery, long millis) {
    if (millis == 0) {
      again.addFirst(delivery);
    } else {
      postpone(delivery, millis);
    }
  }

  private void postpone(Delivery delivery, long millis) {
    delivery.notBefore(System.nanoTime() + millis * 1_000_000);
    later.add(delivery);
  }

  @Override
  public void settle(Delivery delivery) {
    unsettled--;
    acknowledged.set(delivery.message());
  }

  @Override
  public void over(OpenTask task) {
    // Nothing waits for it.
  }
}
