package io.inbox.torture.driver;

import io.inbox.torture.plan.Plan;
import java.util.List;

/**
 * What is to be delivered, and to whom: the plan as far as it was read, and what must be delivered
 * again. Used by the broker only.
 */
interface Backlog {
  /** Enough for every thread and what waits to be delivered again. */
  int MOST_UNSETTLED = 3_000;

  /**
   * Deliveries for one task.
   *
   * @param fresh whether it is a first delivery of a message that is to be handled
   * @param term where messages are ordered, how often their lane was given to some worker
   */
  record Load(List<Delivery> deliveries, boolean batch, boolean fresh, long term) {
    static final Load NONE = new Load(List.of(), false, false, 0);

    boolean isEmpty() {
      return deliveries.isEmpty();
    }
  }

  /** Returns the one for a plan. */
  static Backlog of(Plan plan) {
    return plan.mode().ordered() ? new OrderedBacklog(plan) : new KeyedBacklog(plan);
  }

  /** Returns how far the plan was carried out. */
  Plan.Cursor cursor();

  /** Returns whether everything is settled. */
  boolean done();

  /** Returns how many deliveries are not settled. */
  int unsettled();

  /**
   * Returns the next deliveries for a worker; an empty load if there are none for it now.
   *
   * @param most how many may be unsettled for something new to be begun
   */
  Load next(WorkerLink worker, int most);

  /** Returns one more copy of what was given to somebody, to be given to a worker at once. */
  Load twin(Load load, WorkerLink worker);

  /** Takes back what was given to a worker that died. */
  void takeBack(OpenTask task);

  /** A delivery of a task is to be delivered again, but not before so many milliseconds. */
  void again(OpenTask task, Delivery delivery, long millis);

  /** A delivery is acknowledged. */
  void settle(Delivery delivery);

  /** A task was answered, and each of its deliveries is settled or to be delivered again. */
  void over(OpenTask task);
}
