package io.inbox.torture.driver;

import io.inbox.torture.check.Evidence;
import io.inbox.torture.driver.Backlog.Load;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.wire.Answer;
import io.inbox.torture.wire.Order;
import io.inbox.torture.wire.Order.Item;
import io.inbox.torture.wire.Saying;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The message broker: gives every delivery to some worker, again and again until it is
 * acknowledged, and lets faults strike when they are due. At least once, nothing more. All state
 * belongs to the thread that runs {@link #run}.
 */
final class Broker {
  private static final int TASKS_AHEAD = 2;
  private static final int MOST_UNABLE = 20;
  private static final long LOOK_EVERY = TimeUnit.SECONDS.toNanos(5);
  private static final long REPORT_EVERY = TimeUnit.SECONDS.toNanos(10);

  private final Backlog backlog;
  private final Crew crew;
  private final Strikes strikes;
  private final Journal acknowledged;
  private final Evidence evidence;
  private final int threads;
  private final BlockingQueue<Event> events;
  private final PrintStream out;
  private int unable;
  private long given;
  private long tasks;
  private long lastSettled = System.nanoTime();
  private long lastReport = System.nanoTime();
  private long lastLook = System.nanoTime();

  Broker(
      Backlog backlog,
      Crew crew,
      Strikes strikes,
      Journal acknowledged,
      Evidence evidence,
      int threads,
      BlockingQueue<Event> events,
      PrintStream out) {
    this.backlog = backlog;
    this.crew = crew;
    this.strikes = strikes;
    this.acknowledged = acknowledged;
    this.evidence = evidence;
    this.threads = threads;
    this.events = events;
    this.out = out;
  }

  /** Returns how many deliveries were given to workers, repeats included. */
  long given() {
    return given;
  }

  /** Sees every delivery settled and every fault struck; returns false if that takes too long. */
  boolean run(Duration patience) throws IOException, InterruptedException {
    while (!strikes.over() || (strikes.wantsMore() ? !backlog.done() : backlog.unsettled() > 0)) {
      strikes.due(given, backlog.done());
      dispatch();
      listen();
      report();
      askOften();
      if (System.nanoTime() - lastSettled > patience.toNanos() || unable > MOST_UNABLE) {
        return false;
      }
    }
    return true;
  }

  private void report() {
    if (System.nanoTime() - lastReport > REPORT_EVERY) {
      lastReport = System.nanoTime();
      out.println(progress());
    }
  }

  /** How the workers are is of interest while they have much to do, too. */
  private void askOften() {
    if (System.nanoTime() - lastLook > LOOK_EVERY) {
      lastLook = System.nanoTime();
      crew.workers().stream()
          .filter(WorkerLink::ready)
          .forEach(worker -> worker.tell(new Order.Look(0)));
    }
  }

  private void dispatch() {
    for (int rounds = 0; rounds < 100; rounds++) {
      if (!giveNext()) {
        return;
      }
    }
  }

  private boolean giveNext() {
    for (WorkerLink worker : idle()) {
      Load load = backlog.next(worker, strikes.wanted());
      if (!load.isEmpty()) {
        boolean atOnce = strikes.instruct(load);
        give(worker, load);
        if (atOnce) {
          WorkerLink other = idle().stream().findFirst().orElse(worker);
          give(other, backlog.twin(load, other));
        }
        return true;
      }
    }
    return false;
  }

  /** Returns the workers that can take more, the idlest first. */
  private List<WorkerLink> idle() {
    return crew.workers().stream()
        .filter(worker -> worker.ready() && worker.open().size() < threads + TASKS_AHEAD)
        .sorted(Comparator.comparingInt(worker -> worker.open().size()))
        .toList();
  }

  private void give(WorkerLink worker, Load load) {
    long id = ++tasks;
    @Nullable Fault aimed = strikes.aim(worker, load);
    List<Item> items = new ArrayList<>(load.deliveries().size());
    for (Delivery delivery : load.deliveries()) {
      given++;
      items.add(
          new Item(
              delivery.message(),
              delivery.altered(),
              delivery.given(),
              delivery.takeInstruction()));
    }
    worker.open().put(id, new OpenTask(id, load.deliveries(), load.term(), aimed));
    Order.@Nullable Aim aim = aimed == null ? null : strikes.aimOf(aimed);
    worker.tell(
        new Order.Task(
            id, load.deliveries().get(0).group(), load.batch(), load.term(), items, aim));
  }

  private void listen() throws IOException, InterruptedException {
    @Nullable Event event = events.poll(10, TimeUnit.MILLISECONDS);
    for (int i = 0; event != null && i < 1_000; event = events.poll(), i++) {
      hear(event);
    }
  }

  private void hear(Event event) throws IOException {
    if (event instanceof Event.Struck struck) {
      strikes.struck(struck);
      return;
    }
    Event.Heard heard = (Event.Heard) event;
    @Nullable Saying saying = heard.saying();
    WorkerLink worker = heard.from();
    if (saying == null) {
      died(worker);
    } else if (saying instanceof Saying.Ready) {
      worker.nowReady();
    } else if (saying instanceof Saying.Done done) {
      done(worker, done);
    } else if (saying instanceof Saying.At at) {
      strikes.reached(worker, at);
    } else if (saying instanceof Saying.Handling handling) {
      evidence.handling(handling);
    } else if (saying instanceof Saying.Complaint complaint) {
      evidence.complain(worker + ": " + complaint.text());
    } else if (saying instanceof Saying.Unable said) {
      evidence.unable(worker + ": " + said.reason());
      unable++;
    } else if (saying instanceof Saying.Health health) {
      evidence.health(worker.number(), health);
    }
  }

  private void done(WorkerLink worker, Saying.Done done) {
    @Nullable OpenTask task = worker.open().remove(done.task());
    if (task == null) {
      return;
    }
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < done.answers().size(); i++) {
      Delivery delivery = task.deliveries().get(i);
      Answer answer = done.answers().get(i);
      evidence.count(answer);
      if (!answer.kind().acknowledge()) {
        backlog.again(task, delivery, Math.max(1, answer.retryAfterMillis()));
      } else if (delivery.takeLoss()) {
        backlog.again(task, delivery, 0);
      } else {
        lines.append(delivery.message()).append(' ').append(answer.kind());
        lines.append(delivery.altered() ? " altered\n" : "\n");
        backlog.settle(delivery);
        lastSettled = System.nanoTime();
      }
    }
    if (!lines.isEmpty()) {
      acknowledged.add(lines.toString());
    }
    backlog.over(task);
    strikes.answered(task, done.answers());
  }

  /** Gives what a dead worker had to the others, and starts another in its place. */
  private void died(WorkerLink dead) throws IOException {
    if (!crew.workers().contains(dead)) {
      return;
    }
    for (OpenTask task : dead.open().values()) {
      backlog.takeBack(task);
    }
    dead.open().clear();
    strikes.lost(dead);
    crew.replace(dead);
  }

  /** Goes on listening for a while. */
  void listenFor(long millis) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() < end) {
      listen();
    }
  }

  /** Asks every worker how it is, and listens until all that can have answered. */
  boolean askAll(long look) throws IOException, InterruptedException {
    List<WorkerLink> asked = List.copyOf(crew.workers());
    asked.forEach(worker -> worker.tell(new Order.Look(look)));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!evidence.answered(look, asked.stream().map(WorkerLink::number).toList())) {
      listen();
      if (System.nanoTime() > end) {
        return false;
      }
    }
    return true;
  }

  /** Listens until all workers have ended. */
  boolean endAll() throws InterruptedException, IOException {
    List<WorkerLink> ending = List.copyOf(crew.workers());
    ending.forEach(worker -> worker.tell(new Order.End()));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    int left = ending.size();
    while (left > 0 && System.nanoTime() < end) {
      @Nullable Event event = events.poll(100, TimeUnit.MILLISECONDS);
      if (event instanceof Event.Heard heard && heard.saying() instanceof Saying.Ended) {
        left--;
      } else if (event instanceof Event.Heard heard && heard.saying() != null) {
        hear(event);
      }
    }
    return left == 0;
  }

  /** Returns a line about how far the run is. */
  String progress() {
    return String.format(
        Locale.ROOT,
        "%,d deliveries given, %,d unsettled, %s",
        given,
        backlog.unsettled(),
        strikes.progress());
  }
}
