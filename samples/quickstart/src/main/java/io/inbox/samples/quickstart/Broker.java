package io.inbox.samples.quickstart;

import io.inbox.samples.stage.Sql;
import io.inbox.samples.stage.Stop;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Plays the message broker: gives every delivery to some consumer, again and again until it is
 * acknowledged, and replaces consumers that die. At least once, nothing more.
 *
 * <p>Half-way it kills one itself, at the worst moment there is: after the commit and before the
 * acknowledgement. All state belongs to the thread that runs {@link #run}.
 */
final class Broker {
  private static final int PREFETCH = 16;
  private static final int MOST_DEATHS_IN_A_ROW = 6;
  private static final long SAVE_EVERY = Duration.ofMillis(200).toNanos();
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Backlog backlog;
  private final RunLog log;
  private final Host host;
  private final Consumer.Setting setting;
  private final Screen screen;
  private final LongConsumer observer;
  private final long killFrom;
  private final Turns turns = new Turns();
  private final PriorityQueue<Pending> later =
      new PriorityQueue<>(Comparator.comparingLong(Pending::dueAt));
  private final List<ConsumerProcess> consumers = new ArrayList<>();
  private final BlockingQueue<ConsumerProcess.Event> events = new LinkedBlockingQueue<>();
  private @Nullable ConsumerProcess victim;
  private int deathsInARow;
  private long settledNow;
  private long lastSettled = System.nanoTime();
  private long lastSaved = System.nanoTime();
  private String trouble = "";

  /**
   * A broker for one run.
   *
   * @param observer is told how many deliveries this launcher has settled, each time it grows
   */
  Broker(
      Backlog backlog,
      RunLog log,
      Host host,
      Consumer.Setting setting,
      Screen screen,
      long total,
      LongConsumer observer) {
    this.backlog = backlog;
    this.log = log;
    this.host = host;
    this.setting = setting;
    this.screen = screen;
    this.observer = observer;
    this.killFrom = (total + 1) / 2;
  }

  /** Sees every delivery settled; returns how many were settled by this launcher. */
  long run(int processes) throws SQLException, InterruptedException {
    try {
      for (int number = 1; number <= processes; number++) {
        start(number);
      }
      while (true) {
        read();
        dispatch();
        if (backlog.done()) {
          break;
        }
        listen();
        backlog.advance();
        keepBooks();
      }
      backlog.save(log);
      return settledNow;
    } finally {
      consumers.forEach(ConsumerProcess::end);
      screen.endProgress();
    }
  }

  private void start(int number) {
    consumers.add(
        ConsumerProcess.start(
            new Consumer.Setting(setting.access(), setting.pointers(), setting.withInbox(), number),
            events));
  }

  private void read() {
    for (Pending next = backlog.next(); next != null; next = backlog.next()) {
      turns.add(next);
    }
  }

  private void dispatch() {
    long now = System.nanoTime();
    for (Pending due = later.peek(); due != null && due.dueAt() <= now; due = later.peek()) {
      turns.putBack(later.remove());
    }
    while (!turns.isEmpty()) {
      @Nullable ConsumerProcess idlest = idlest();
      if (idlest == null) {
        return;
      }
      Pending next = turns.poll();
      if (next == null) {
        return;
      }
      boolean hold = backlog.tally().killed == 0 && next.delivery().line() >= killFrom;
      if (hold && victim == null) {
        victim = idlest;
      }
      idlest.outstanding().put(next.delivery().line(), next);
      idlest.send(next.give(!setting.withInbox(), hold && idlest == victim));
    }
  }

  private @Nullable ConsumerProcess idlest() {
    @Nullable ConsumerProcess idlest = null;
    for (ConsumerProcess consumer : consumers) {
      int load = consumer.outstanding().size();
      if (consumer.ready()
          && load < PREFETCH
          && (idlest == null || load < idlest.outstanding().size())) {
        idlest = consumer;
      }
    }
    return idlest;
  }

  private void listen() throws InterruptedException {
    long wait = SAVE_EVERY;
    Pending due = later.peek();
    if (due != null) {
      wait = Math.max(1, Math.min(wait, due.dueAt() - System.nanoTime()));
    }
    ConsumerProcess.@Nullable Event event = events.poll(wait, TimeUnit.NANOSECONDS);
    for (; event != null; event = events.poll()) {
      hear(event);
    }
  }

  private void hear(ConsumerProcess.Event event) {
    if (event instanceof ConsumerProcess.Event.Ready ready) {
      ready.from().nowReady();
    } else if (event instanceof ConsumerProcess.Event.Answered answered) {
      answered(answered);
    } else if (event instanceof ConsumerProcess.Event.Holding holding) {
      screen.say(
          "consumer "
              + holding.from().number()
              + " (process "
              + holding.from().pid()
              + ") is killed now: it has committed delivery "
              + holding.line()
              + " and not acknowledged it");
      backlog.tally().killed++;
      holding.from().kill();
    } else if (event instanceof ConsumerProcess.Event.Unable unable) {
      throw Stop.database("a consumer cannot work: " + unable.reason());
    } else {
      died(event.from());
    }
  }

  private void answered(ConsumerProcess.Event.Answered event) {
    @Nullable Pending pending = event.from().outstanding().remove(event.line());
    if (pending == null) {
      return;
    }
    if (event.answer() == Answer.AGAIN) {
      trouble = event.reason();
      backlog.tally().retries++;
      pending.failedUntil(System.nanoTime() + event.retryAfter().toNanos());
      later.add(pending);
      return;
    }
    pending.settle(event.answer());
    turns.settled(pending);
    settledNow++;
    deathsInARow = 0;
    lastSettled = System.nanoTime();
    observer.accept(settledNow);
  }

  /** Gives what a dead consumer had to the others, and puts another in its place. */
  private void died(ConsumerProcess dead) {
    if (!consumers.remove(dead)) {
      return;
    }
    if (victim == dead) {
      victim = null;
    }
    for (Pending unanswered : dead.outstanding().values()) {
      unanswered.interrupted();
      turns.putBack(unanswered);
    }
    if (++deathsInARow > MOST_DEATHS_IN_A_ROW) {
      throw Stop.database(
          "consumers die one after the other without handling anything (what they said is above)");
    }
    screen.say(
        "consumer "
            + dead.number()
            + " is dead; "
            + dead.outstanding().size()
            + " unacknowledged deliveries go to the others; it is started again");
    start(dead.number());
  }

  private void keepBooks() {
    long now = System.nanoTime();
    if (!host.alive()) {
      throw Stop.database("the database was stopped or killed; run again to go on");
    }
    if (now - lastSettled > PATIENCE.toNanos()) {
      throw Stop.database(
          "nothing could be handled for "
              + PATIENCE.toSeconds()
              + " s"
              + (trouble.isEmpty() ? "" : " (" + trouble + ")")
              + "; check the database "
              + host.describe()
              + ", then run again to go on");
    }
    if (now - lastSaved < SAVE_EVERY) {
      return;
    }
    lastSaved = now;
    screen.progress(backlog.settled());
    try {
      backlog.save(log);
    } catch (SQLException e) {
      // The database is away for the moment, or for good; the consumers notice too.
      trouble = Sql.firstLine(e);
    }
  }
}
