package io.inbox.torture.driver;

import io.inbox.torture.plan.Kind;
import io.inbox.torture.plan.Lane;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.plan.Plan.Copy;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives each lane in its order, to one worker at a time, as a broker does with its partitions. Now
 * and then a lane goes to another worker, whatever its own is doing; it is taken from one that does
 * not answer, which may go on all the same, and from one that died. Now and then it begins again a
 * little further back.
 */
final class OrderedBacklog implements Backlog {
  private static final int AHEAD = 600;
  private static final int LARGEST_BATCH = 40;
  private static final int HAND_OVER_EVERY = 25;
  private static final int GO_BACK_ONE_IN = 12;
  private static final int FURTHEST_BACK = 20;

  /** How long a worker may take for what it was given before somebody else gets it, too. */
  private static final long SESSION = TimeUnit.SECONDS.toNanos(1);

  private final Plan plan;
  private final Plan.Cursor cursor;
  private final SplittableRandom random;
  private final List<Queue> queues = new ArrayList<>();
  private final BitSet begun = new BitSet();
  private int turn;
  private int unsettled;

  OrderedBacklog(Plan plan) {
    this.plan = plan;
    this.cursor = plan.cursor();
    this.random = new SplittableRandom(plan.seed());
    for (int lane = 0; lane < Lane.ALL; lane++) {
      queues.add(new Queue());
    }
  }

  /** What is left of a lane, and who has it. */
  private static final class Queue {
    private final PriorityQueue<Delivery> waiting =
        new PriorityQueue<>(Comparator.comparingInt(Delivery::message));
    private final List<Delivery> given = new ArrayList<>();
    private @Nullable WorkerLink owner;
    private long term;
    private long loads;
    private long givenAt;
    private long dueAt = System.nanoTime();

    /** Returns whether a worker may be given something now. */
    boolean open(WorkerLink worker, long now) {
      boolean handOver = loads % HAND_OVER_EVERY == 0;
      if (!given.isEmpty()) {
        return owner != worker && (handOver || now - givenAt > SESSION);
      }
      boolean free = owner == null || owner == worker || !owner.ready() || handOver;
      return free && !waiting.isEmpty() && now - dueAt >= 0;
    }

    /** Forgets what an earlier owner has settled meanwhile. */
    void skipSettled() {
      while (!waiting.isEmpty() && waiting.element().settled()) {
        waiting.remove();
      }
    }

    /**
     * Another term begins: what an earlier owner says about what it has does not count any more.
     */
    void hand(@Nullable WorkerLink next) {
      waiting.addAll(given);
      given.clear();
      owner = next;
      term++;
    }

    Load give(List<Delivery> deliveries, boolean batch, boolean fresh) {
      given.addAll(deliveries);
      givenAt = System.nanoTime();
      loads++;
      return new Load(deliveries, batch, fresh, term);
    }
  }

  private Queue of(Delivery delivery) {
    return queues.get(Lane.ofMessage(delivery.message()).number());
  }

  private Queue of(OpenTask task) {
    return of(task.deliveries().get(0));
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
    while (cursor.hasNext() && unsettled < Math.min(most, AHEAD)) {
      cursor.next().copies().forEach(this::add);
    }
    long now = System.nanoTime();
    for (int i = 0; i < Lane.ALL; i++) {
      Queue queue = queues.get(Math.floorMod(turn++, Lane.ALL));
      if (queue.open(worker, now)) {
        if (queue.owner != worker || queue.loads % HAND_OVER_EVERY == 0) {
          queue.hand(worker);
        }
        queue.skipSettled();
        if (!queue.waiting.isEmpty()) {
          return take(queue);
        }
      }
    }
    return Load.NONE;
  }

  private Delivery add(Copy copy) {
    Delivery delivery = new Delivery(copy);
    unsettled++;
    of(delivery).waiting.add(delivery);
    return delivery;
  }

  private Load take(Queue queue) {
    // Not before one that is tried again: it may never succeed, and the run must see that.
    if (queue.waiting.element().count() == 0 && random.nextInt(GO_BACK_ONE_IN) == 0) {
      goBack(queue);
    }
    boolean batch = random.nextBoolean();
    int most = batch ? random.nextInt(2, LARGEST_BATCH + 1) : 1;
    List<Delivery> deliveries = new ArrayList<>();
    List<Delivery> twins = new ArrayList<>();
    while (!queue.waiting.isEmpty() && deliveries.size() < most) {
      Delivery delivery = queue.waiting.remove();
      boolean ascends =
          deliveries.isEmpty()
              || deliveries.get(deliveries.size() - 1).message() < delivery.message();
      if (!delivery.settled()) {
        (ascends ? deliveries : twins).add(delivery);
      }
    }
    queue.waiting.addAll(twins);
    Delivery first = deliveries.get(0);
    boolean fresh =
        !batch
            && !begun.get(first.message())
            && plan.message(first.message()).kind() == Kind.NORMAL;
    deliveries.forEach(delivery -> begun.set(delivery.message()));
    return queue.give(deliveries, batch, fresh);
  }

  /** Adds copies of what comes before the first one that waits. */
  private void goBack(Queue queue) {
    Delivery first = queue.waiting.element();
    int back = random.nextInt(1, FURTHEST_BACK + 1);
    for (int i = 1; i <= back && first.message() - i * Lane.STEP >= 0; i++) {
      add(new Copy(first.message() - i * Lane.STEP, false));
    }
  }

  @Override
  public Load twin(Load load, WorkerLink worker) {
    Queue queue = of(load.deliveries().get(0));
    queue.hand(worker);
    List<Delivery> twins = new ArrayList<>();
    for (Delivery delivery : load.deliveries()) {
      unsettled++;
      twins.add(new Delivery(new Copy(delivery.message(), false)));
    }
    return queue.give(twins, load.batch(), false);
  }

  @Override
  public void takeBack(OpenTask task) {
    if (of(task).term == task.term()) {
      of(task).hand(null);
    }
  }

  @Override
  public void again(OpenTask task, Delivery delivery, long millis) {
    Queue queue = of(task);
    if (queue.term == task.term()) {
      queue.skipSettled();
      if (queue.waiting.isEmpty() || delivery.message() <= queue.waiting.element().message()) {
        queue.dueAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      }
      queue.waiting.add(delivery);
    }
  }

  @Override
  public void settle(Delivery delivery) {
    if (!delivery.settled()) {
      delivery.settle();
      unsettled--;
    }
  }

  @Override
  public void over(OpenTask task) {
    if (of(task).term == task.term()) {
      of(task).given.clear();
    }
  }
}
