package io.inbox.testkit.crash;

import io.inbox.Message;
import io.inbox.testkit.crash.CrashPoints.Work;
import io.inbox.testkit.crash.CrashReport.Cell;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One run: a rehearsal, then the cases one after the other. */
final class Course {
  private static final int REDELIVERIES = 20;
  private static final int LONGEST = 500;

  private final CrashDatabase database;
  private final Supplier<? extends CrashConsumer> consumers;
  private final Work prepare;
  private final Work invariant;
  private final Duration limit;
  private final String name = "crash-points-" + UUID.randomUUID().toString().substring(0, 8);
  private final List<Cell> cells = new ArrayList<>();
  private final List<String> notPossible = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private int cases;

  Course(
      CrashDatabase database,
      Supplier<? extends CrashConsumer> consumers,
      Work prepare,
      Work invariant,
      Duration limit) {
    this.database = database;
    this.consumers = consumers;
    this.prepare = prepare;
    this.invariant = invariant;
    this.limit = limit;
  }

  /** A case that is to be run. */
  private record Planned(Aim aim, CrashWay way) {}

  /** What the broker has after the broken delivery. */
  private record Broken(CrashConsumer successor, List<Message> left, int ownConnections) {}

  static Optional<String> obstacle(CrashDatabase database, CrashConsumer consumer, CrashWay way) {
    Optional<String> obstacle = database.obstacle(way);
    return way == CrashWay.PROCESS_KILLED && obstacle.isEmpty()
        ? KilledDelivery.obstacle(consumer.getClass())
        : obstacle;
  }

  CrashReport run(Set<CrashWay> ways) {
    CrashConsumer consumer = consumers.get();
    requireSameMessages(consumer);
    List<Aim> passed = bounded("the delivery without a fault", this::rehearse);
    tellNotPassed(passed);
    Set<CrashWay> possible = EnumSet.noneOf(CrashWay.class);
    for (CrashWay way : ways) {
      Optional<String> obstacle = obstacle(database, consumer, way);
      obstacle.ifPresent(reason -> notPossible.add(way + ": " + reason));
      if (obstacle.isEmpty()) {
        possible.add(way);
      }
    }
    runAll(plan(passed, possible));
    return new CrashReport(title(consumer), cells, notPossible, notes);
  }

  private String title(CrashConsumer consumer) {
    String who = consumer instanceof InProcess ? "a handler" : consumer.getClass().getSimpleName();
    return who + " on " + database;
  }

  private void requireSameMessages(CrashConsumer consumer) {
    List<String> ids = ids(consumer);
    if (ids.isEmpty()) {
      throw new IllegalStateException("messages() is empty (deliver at least one)");
    }
    if (!ids.equals(ids(consumers.get()))) {
      throw new IllegalStateException(
          "messages() returns other ids each time (a redelivery has the ids of the delivery)");
    }
  }

  private static List<String> ids(CrashConsumer consumer) {
    return consumer.messages().stream().map(message -> String.valueOf(message.id())).toList();
  }

  private List<Aim> rehearse() throws Exception {
    use(prepare);
    boolean blind = violation() == null;
    Watch watch = Watch.only();
    CrashConsumer consumer = consumers.get();
    List<String> outcomes = new ArrayList<>();
    Rig rig = Rig.open(consumer, nextName(), database.connections(), watch);
    try (rig) {
      boolean settled = attempt(rig, consumer.messages(), outcomes).isEmpty();
      if (!settled || rig.gaveUp()) {
        throw new IllegalStateException(
            "The delivery is not handled even without a fault: " + String.join("; ", outcomes));
      }
    }
    @Nullable String violation = violation();
    if (violation != null) {
      throw new IllegalStateException("The invariant does not hold without a fault: " + violation);
    }
    if (blind) {
      notes.add(
          "the invariant held before anything was delivered: it does not see a message that is"
              + " lost (ask for the effect as well)");
    }
    if (watch.passed().stream().noneMatch(aim -> aim.point() == FaultPoint.P4_CLAIMED)) {
      throw new IllegalStateException(
          "No claim was seen on the thread that delivers (handle there, and through the inbox"
              + " that deliver is given)");
    }
    return watch.passed();
  }

  private void tellNotPassed(List<Aim> passed) {
    Set<FaultPoint> missing = EnumSet.range(FaultPoint.P0_RECEIVED, FaultPoint.P11_ACKNOWLEDGED);
    passed.forEach(aim -> missing.remove(aim.point()));
    for (FaultPoint point : missing) {
      notPossible.add(
          point
              + ": the delivery does not pass it"
              + switch (point) {
                case P5_HANDLING -> ", the handler executes nothing on the inbox's connections";
                case P6_FLUSHING -> ", nothing is appended to the outbox";
                default -> "";
              });
    }
  }

  private static List<Planned> plan(List<Aim> passed, Set<CrashWay> ways) {
    List<Planned> planned = new ArrayList<>();
    for (Aim aim : passed) {
      for (CrashWay way : ways) {
        if (way.points().contains(aim.point())) {
          planned.add(new Planned(aim, way));
        }
      }
    }
    planned.sort(
        Comparator.comparing((Planned it) -> it.aim().point())
            .thenComparing(it -> it.aim().occurrence()));
    return planned;
  }

  private void runAll(List<Planned> planned) {
    for (int i = 0; i < planned.size(); i++) {
      Planned next = planned.get(i);
      try {
        bounded(next.aim() + " " + next.way(), () -> run(next)).ifPresent(cells::add);
      } catch (StuckException e) {
        Aim aim = next.aim();
        String stuck =
            "it did not end within %d s (does the handler wait for a lock that its own transaction holds?)"
                .formatted(limit.toSeconds());
        cells.add(new Cell(aim.point(), aim.occurrence(), next.way(), List.of("stuck"), stuck, 0));
        if (i + 1 < planned.size()) {
          notPossible.add((planned.size() - i - 1) + " cases: the one before them did not end");
        }
        return;
      }
    }
  }

  /** Runs one case; empty if the delivery did not come to the point this time. */
  private Optional<Cell> run(Planned planned) throws Exception {
    use(prepare);
    String consumer = nextName();
    List<String> outcomes = new ArrayList<>();
    Optional<Broken> broken =
        planned.way() == CrashWay.PROCESS_KILLED
            ? killed(planned.aim(), consumer, outcomes)
            : brokenHere(planned, consumer, outcomes);
    if (broken.isEmpty()) {
      notPossible.add(
          planned.aim()
              + " "
              + planned.way()
              + ": the delivery did not come there, or nothing"
              + " was sent after it");
      return Optional.empty();
    }
    @Nullable String violation = redeliver(broken.get(), consumer, outcomes);
    if (violation == null) {
      violation = violation();
    }
    Aim aim = planned.aim();
    return Optional.of(
        new Cell(
            aim.point(),
            aim.occurrence(),
            planned.way(),
            outcomes,
            violation,
            broken.get().ownConnections()));
  }

  private Optional<Broken> killed(Aim aim, String consumer, List<String> outcomes)
      throws IOException, InterruptedException {
    CrashConsumer successor = consumers.get();
    KilledDelivery delivery =
        new KilledDelivery(successor.getClass(), database.url().orElseThrow(), limit);
    Optional<Integer> ownConnections = delivery.killAt(aim, consumer);
    outcomes.add("the process was killed");
    boolean settled = aim.point() == FaultPoint.P11_ACKNOWLEDGED;
    List<Message> left = settled ? List.of() : successor.messages();
    return ownConnections.map(own -> new Broken(successor, left, own));
  }

  private Optional<Broken> brokenHere(Planned planned, String name, List<String> outcomes) {
    if (!planned.way().needsProxy()) {
      return brokenHere(planned, name, outcomes, null);
    }
    try (FaultProxy proxy = FaultProxy.before(database.port())) {
      return brokenHere(planned, name, outcomes, proxy);
    } catch (IOException e) {
      throw new UncheckedIOException("the proxy does not start", e);
    }
  }

  private Optional<Broken> brokenHere(
      Planned planned, String name, List<String> outcomes, @Nullable FaultProxy proxy) {
    CrashConsumer consumer = consumers.get();
    Strike strike = new Strike(planned.way(), database, proxy);
    Watch watch = Watch.aimed(planned.aim(), strike);
    List<Message> left;
    Rig rig =
        Rig.open(
            consumer,
            name,
            proxy == null ? database.connections() : database.through(proxy.port()),
            watch);
    try (rig) {
      left = attempt(rig, consumer.messages(), outcomes);
    }
    return watch.hasStruck() && strike.happened()
        ? Optional.of(new Broken(consumer, left, watch.ownConnections()))
        : Optional.empty();
  }

  /** Delivers and acknowledges; returns what the broker still has. */
  private static List<Message> attempt(Rig rig, List<Message> messages, List<String> outcomes) {
    List<Message> left = messages;
    try {
      left = rig.deliver(messages, outcomes);
      rig.acknowledged();
    } catch (Throwable e) {
      outcomes.add("threw " + e);
    }
    return left;
  }

  private @Nullable String redeliver(Broken broken, String name, List<String> outcomes) {
    List<Message> left = broken.left();
    if (left.isEmpty()) {
      return null;
    }
    Rig rig = Rig.open(broken.successor(), name, database.connections(), Watch.only());
    try (rig) {
      for (int i = 0; i < REDELIVERIES && !left.isEmpty(); i++) {
        left = attempt(rig, left, outcomes);
      }
      if (!left.isEmpty()) {
        return "not acknowledged after %d redeliveries".formatted(REDELIVERIES);
      }
      return rig.gaveUp() ? "the message was given up" : null;
    }
  }

  private String nextName() {
    return name + "-" + ++cases;
  }

  private void use(Work work) throws Exception {
    try (Connection connection = database.connections().getConnection()) {
      work.run(connection);
    }
  }

  private @Nullable String violation() {
    try {
      use(invariant);
      return null;
    } catch (Exception | AssertionError e) {
      String text = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
      return text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    }
  }

  /** A case that did not end. */
  private static final class StuckException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    StuckException(String message) {
      super(message);
    }
  }

  private <T> T bounded(String what, Bounded.Task<T> task) {
    try {
      return Bounded.call(limit, task);
    } catch (TimeoutException e) {
      throw new StuckException(what + " did not end within " + limit.toSeconds() + " s");
    }
  }
}
