package io.inbox.samples.orders;

import io.inbox.samples.stage.Stop;
import java.io.PrintStream;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends the orders, kills and restarts, and sees all work done. All state belongs to the thread
 * that runs {@link #toTheEnd}.
 */
final class Run {
  private static final Duration ASK_EVERY = Duration.ofMillis(20);
  private static final Duration SAY_EVERY = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /**
   * What is asked, in the order in which messages go, before everything is settled: when nothing
   * waits at one, nothing more can come to the next.
   */
  private static final List<Question> QUESTIONS =
      List.of(
          new Question(Role.ORDERS, "-", "-"),
          new Question(Role.BROKER, OrderPlaced.TOPIC, PaymentService.BOOK_PAYMENT),
          new Question(Role.PAYMENTS, "-", "-"),
          new Question(Role.BROKER, PaymentBooked.TOPIC, OrderService.MARK_PAID));

  private final Cast cast;
  private final BlockingQueue<Child.Event> events;
  private final Gateway gateway;
  private final Mishaps mishaps;
  private final BooleanSupplier databaseAlive;
  private final PrintStream out;
  private final int orders;
  private final Map<Role, Integer> duplicates = new EnumMap<>(Role.class);
  private int question;
  private long asked;
  private long pending;
  private boolean rest;
  private long lastAsked;
  private long lastWaiting;
  private long paid;
  private long lastSaid = System.nanoTime();
  private long lastProgress = System.nanoTime();

  /** A question to a process: how much waits there? */
  private record Question(Role role, String topic, String group) {}

  Run(
      Cast cast,
      BlockingQueue<Child.Event> events,
      OrderStream stream,
      Mishaps mishaps,
      BooleanSupplier databaseAlive,
      PrintStream out) {
    this.cast = cast;
    this.events = events;
    this.gateway = new Gateway(stream);
    this.mishaps = mishaps;
    this.databaseAlive = databaseAlive;
    this.out = out;
    this.orders = stream.orders().size();
  }

  /** Returns when nothing waits anywhere and everybody was killed who had to be. */
  void toTheEnd() throws InterruptedException {
    while (question < QUESTIONS.size()) {
      if (cast.child(Role.ORDERS).ready()) {
        gateway.send(cast.child(Role.ORDERS));
      }
      ask();
      Child.Event event = events.poll(ASK_EVERY.toNanos(), TimeUnit.NANOSECONDS);
      for (; event != null; event = events.poll()) {
        hear(event);
      }
      mishap();
      if (question < QUESTIONS.size()) {
        look();
      }
    }
  }

  private void ask() {
    Question next = QUESTIONS.get(question);
    Child child = cast.child(next.role());
    long now = System.nanoTime();
    if (pending == 0 && child.ready() && now - lastAsked >= ASK_EVERY.toNanos()) {
      pending = ++asked;
      lastAsked = now;
      child.say("count", String.valueOf(pending), next.topic(), next.group());
    }
  }

  private void hear(Child.Event event) {
    Child from = event.from();
    if (event.died()) {
      died(from);
      return;
    }
    List<String> words = event.words();
    switch (words.get(0)) {
      case "ready" -> from.nowReady();
      case "kept" -> {
        gateway.kept(Long.parseLong(words.get(1)));
        progress();
      }
      case "again" ->
          gateway.again(
              Long.parseLong(words.get(1)), Duration.ofMillis(Long.parseLong(words.get(2))));
      case "duplicate" -> duplicates.merge(from.role(), 1, Integer::sum);
      case "waiting" -> answered(words);
      case "unable" ->
          throw Stop.database(
              from.role() + " cannot work: " + String.join(" ", words.subList(1, words.size())));
      default -> throw Stop.database(from.role() + " said " + words.get(0));
    }
  }

  private void died(Child dead) {
    out.println(dead.role() + " is dead; it is started again where it was");
    if (dead.role() == Role.ORDERS) {
      gateway.unanswered();
    }
    question = 0;
    pending = 0;
    cast.replace(dead);
  }

  /** The words are "waiting", the number of the question, how much waits, and how much is done. */
  private void answered(List<String> words) {
    if (pending != Long.parseLong(words.get(1))) {
      return; // it was asked before somebody died
    }
    pending = 0;
    long waiting = Long.parseLong(words.get(2));
    long done = Long.parseLong(words.get(3));
    if (question == 0 && done > paid) {
      paid = done;
      progress();
    }
    if (waiting != lastWaiting) {
      lastWaiting = waiting;
      progress();
    }
    if (waiting > 0 || !gateway.done()) {
      question = 0;
    } else if (++question == QUESTIONS.size() && !mishaps.over()) {
      question = 0;
      rest = true; // whatever was to happen later happens now
    }
  }

  private double done() {
    return rest ? 1 : (gateway.kept() + Math.min(paid, orders)) / (2.0 * orders);
  }

  private void mishap() {
    Role role = mishaps.due(done());
    if (role == null || !cast.child(role).ready()) {
      return;
    }
    mishaps.happened();
    Child victim = cast.child(role);
    out.printf(
        Locale.ROOT,
        "%s (process %d) is killed now: %,d orders placed, %,d paid%n",
        role,
        victim.pid(),
        gateway.kept(),
        paid);
    victim.kill();
  }

  private void progress() {
    lastProgress = System.nanoTime();
    cast.somethingWasDone();
  }

  private void look() {
    long now = System.nanoTime();
    if (!databaseAlive.getAsBoolean()) {
      throw Stop.database("the database was stopped or killed; run again");
    }
    if (now - lastProgress > PATIENCE.toNanos()) {
      throw Stop.database(
          "nothing moved for "
              + PATIENCE.toSeconds()
              + " s; "
              + QUESTIONS.get(question).role()
              + " has "
              + lastWaiting
              + " messages that wait (run again)");
    }
    if (now - lastSaid > SAY_EVERY.toNanos()) {
      lastSaid = now;
      out.printf(
          Locale.ROOT,
          "%3.0f %%  %,d orders placed, %,d paid%n",
          100 * done(),
          gateway.kept(),
          paid);
    }
  }

  /** Returns how many deliveries of orders were sent. */
  long sent() {
    return gateway.sent();
  }

  /** Returns how many deliveries a service says it recognised. */
  int duplicates(Role role) {
    @Nullable Integer count = duplicates.get(role);
    return count == null ? 0 : count;
  }
}
