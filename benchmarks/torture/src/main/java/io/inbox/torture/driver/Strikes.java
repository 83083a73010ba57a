package io.inbox.torture.driver;

import io.inbox.testkit.fault.FaultPoint;
import io.inbox.torture.check.Evidence;
import io.inbox.torture.driver.Backlog.Load;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.fault.FaultKind;
import io.inbox.torture.fault.FaultKind.Where;
import io.inbox.torture.wire.Answer;
import io.inbox.torture.wire.Instruction;
import io.inbox.torture.wire.Order;
import io.inbox.torture.wire.Order.Aim;
import io.inbox.torture.wire.Saying.At;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Lets the faults of a schedule strike: each once it is due, at the first thread that reaches its
 * point. Used by the broker's thread; the strikes themselves run on threads of their own.
 */
final class Strikes implements AutoCloseable {
  private static final int FEW = 6;

  private final Deque<Fault> schedule;
  private final Deque<Fault> toAim = new ArrayDeque<>();
  private final Deque<Fault> toInstruct = new ArrayDeque<>();
  private final Deque<Fault> toAimRelay = new ArrayDeque<>();
  private final Map<Long, Aimed> aimed = new HashMap<>();
  private final PointFaults atPoints;
  private final RunningFaults running;
  private final Crew crew;
  private final Evidence evidence;
  private final boolean oneByOne;
  private final BlockingQueue<Event> events;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "strike");
            thread.setDaemon(true);
            return thread;
          });
  private int under;
  private boolean harmlessOnly;

  Strikes(
      List<Fault> schedule,
      PointFaults atPoints,
      RunningFaults running,
      Crew crew,
      Evidence evidence,
      boolean oneByOne,
      BlockingQueue<Event> events) {
    this.schedule = new ArrayDeque<>(schedule);
    this.atPoints = atPoints;
    this.running = running;
    this.crew = crew;
    this.evidence = evidence;
    this.oneByOne = oneByOne;
    this.events = events;
  }

  /** A fault that waits for a thread of a worker to reach its point. */
  private record Aimed(Fault fault, WorkerLink at) {}

  /** A strike. */
  @FunctionalInterface
  private interface Act {
    String run() throws Exception;
  }

  /** Returns whether nothing is to strike any more, nor striking now. */
  boolean over() {
    return schedule.isEmpty() && idle();
  }

  /** Returns whether the plan is to be carried out to its end, whatever has struck. */
  boolean wantsMore() {
    return !oneByOne;
  }

  /**
   * Returns how many deliveries may be under way for new ones to be begun: one by one there are
   * few, and only while a fault waits for one.
   */
  int wanted() {
    return !oneByOne ? Backlog.MOST_UNSETTLED : idle() ? 0 : FEW;
  }

  String progress() {
    return evidence.strikes().size() + " faults struck, " + schedule.size() + " to come";
  }

  /**
   * Lets strike what is due.
   *
   * @param drained whether there is nothing to deliver any more, so that what waits for a delivery
   *     waits in vain
   */
  void due(long given, boolean drained) {
    while (!schedule.isEmpty() && (schedule.peek().at() <= given || drained) && mayBegin()) {
      begin(schedule.remove());
    }
    while (!toAimRelay.isEmpty()) {
      @Nullable WorkerLink worker = someReady(toAimRelay.peek().choice());
      if (worker == null) {
        break;
      }
      Fault fault = toAimRelay.remove();
      aimed.put((long) fault.number(), new Aimed(fault, worker));
      worker.tell(new Order.AimRelay(aimOf(fault)));
    }
    if (drained) {
      giveUp(toAim);
      giveUp(toInstruct);
      aimed.values().removeIf(it -> unreachable(it.fault()));
    }
  }

  /**
   * One by one also means that the crew has recovered, but for some. Faults that hit one connection
   * only do not get in each other's way.
   */
  private boolean mayBegin() {
    if (!oneByOne || idle()) {
      return !oneByOne || crew.recovering() <= 1;
    }
    return harmlessOnly && under + toAim.size() + aimed.size() < FEW && harmless(schedule.peek());
  }

  private static boolean harmless(@Nullable Fault fault) {
    return fault != null
        && switch (fault.kind()) {
          case TERMINATE_AT,
              CUT_REQUEST_AT,
              CUT_REPLY_AT,
              SWALLOW_REPLY_AT,
              BLACK_HOLE_AT,
              COMMIT_LATE ->
              true;
          default -> false;
        };
  }

  private boolean idle() {
    return toAim.isEmpty()
        && toInstruct.isEmpty()
        && toAimRelay.isEmpty()
        && aimed.isEmpty()
        && under == 0;
  }

  private void giveUp(Deque<Fault> waiting) {
    waiting.forEach(fault -> evidence.struck(fault, "not: everything was delivered before"));
    waiting.clear();
  }

  /** A relay that has nothing to publish any more reaches no point. */
  private boolean unreachable(Fault fault) {
    boolean never = fault.kind().where() == Where.RELAY_POINT && under == 0;
    if (never) {
      evidence.struck(fault, "not: everything was published before");
    }
    return never;
  }

  private void begin(Fault fault) {
    harmlessOnly = harmless(fault) && (harmlessOnly || idle());
    switch (fault.kind().where()) {
      case POINT -> toAim.add(fault);
      case RELAY_POINT -> toAimRelay.add(fault);
      case DELIVERY -> toInstruct.add(fault);
      case NOW, RECEIVER -> {
        @Nullable WorkerLink victim = someReady(fault.choice());
        if (victim == null) {
          victim = crew.workers().get(0);
        }
        WorkerLink struck = victim;
        run(fault, () -> running.strike(fault, struck));
      }
    }
  }

  private @Nullable WorkerLink someReady(int choice) {
    List<WorkerLink> ready = crew.workers().stream().filter(WorkerLink::ready).toList();
    return ready.isEmpty() ? null : ready.get(choice % ready.size());
  }

  private void run(Fault fault, Act act) {
    under++;
    threads.execute(
        () -> {
          String note;
          try {
            note = act.run();
          } catch (Exception e) {
            note = "not: " + e;
          }
          events.add(new Event.Struck(fault, note));
        });
  }

  void struck(Event.Struck struck) {
    under--;
    evidence.struck(struck.fault(), struck.note());
  }

  Aim aimOf(Fault fault) {
    FaultPoint point = fault.point();
    if (point == null) {
      throw new IllegalStateException(fault + " has no point");
    }
    return new Aim(fault.number(), point);
  }

  /**
   * Returns the fault that is to strike a task; null for none. Only a fresh one passes all points.
   */
  @Nullable Fault aim(WorkerLink worker, Load load) {
    if (toAim.isEmpty() || !load.fresh()) {
      return null;
    }
    Fault fault = toAim.remove();
    aimed.put((long) fault.number(), new Aimed(fault, worker));
    evidence.aimed(fault, worker.number(), load.deliveries().get(0).message());
    return fault;
  }

  /** Lets something go wrong with a delivery; returns whether it is to come twice at once. */
  boolean instruct(Load load) {
    @Nullable Fault fault = toInstruct.peek();
    if (fault == null || !(fault.kind() == FaultKind.BATCH_AT_ONCE ? load.batch() : load.fresh())) {
      return false;
    }
    toInstruct.remove();
    Delivery delivery = load.deliveries().get(0);
    evidence.struck(fault, "message " + delivery.message());
    switch (fault.kind()) {
      case AT_ONCE, BATCH_AT_ONCE -> {
        return true;
      }
      case LOST_ACK -> delivery.loseAcknowledgement();
      default -> delivery.instruct(Instruction.valueOf(fault.kind().name()));
    }
    return false;
  }

  /** A thread of a worker is at the point of a fault. */
  void reached(WorkerLink worker, At at) {
    @Nullable Aimed waiting = aimed.remove(at.aim());
    if (waiting == null) {
      worker.tell(new Order.GoOn(at.aim(), false));
    } else {
      run(waiting.fault(), () -> atPoints.strike(waiting.fault(), worker, at));
    }
  }

  /** A task was answered; a fault that waited for it at a point which it did not pass waits on. */
  void answered(OpenTask task, List<Answer> answers) {
    @Nullable Fault fault = task.aimed();
    if (fault != null) {
      evidence.answered(fault, answers.get(0));
      if (fault.point() != FaultPoint.P11_ACKNOWLEDGED
          && aimed.remove((long) fault.number()) != null) {
        toAim.add(fault);
      }
    }
  }

  /** A worker is gone; what waited for one of its threads waits for another worker's. */
  void lost(WorkerLink dead) {
    List<Aimed> lost = aimed.values().stream().filter(it -> it.at() == dead).toList();
    for (Aimed waiting : lost) {
      aimed.remove((long) waiting.fault().number());
      boolean relay = waiting.fault().kind().where() == Where.RELAY_POINT;
      (relay ? toAimRelay : toAim).add(waiting.fault());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
