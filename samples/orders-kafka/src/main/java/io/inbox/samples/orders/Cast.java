package io.inbox.samples.orders;

import io.inbox.samples.stage.Stop;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;

/** The processes of a run: whoever dies is started again, where it was. */
final class Cast implements AutoCloseable {
  private static final int MOST_DEATHS_IN_A_ROW = 8;

  private final Map<Role, List<String>> arguments;
  private final BlockingQueue<Child.Event> events;
  private final Map<Role, Child> children = new EnumMap<>(Role.class);
  private int kills;
  private int restarts;
  private int deathsInARow;

  Cast(Map<Role, List<String>> arguments, BlockingQueue<Child.Event> events) {
    this.arguments = arguments;
    this.events = events;
    for (Role role : Role.values()) {
      start(role);
    }
  }

  private void start(Role role) {
    children.put(role, Child.start(role, arguments.getOrDefault(role, List.of()), events));
  }

  Child child(Role role) {
    Child child = children.get(role);
    if (child == null) {
      throw new IllegalStateException(role + " was not started");
    }
    return child;
  }

  /** Puts another in the place of one that died. */
  void replace(Child dead) {
    if (++deathsInARow > MOST_DEATHS_IN_A_ROW) {
      throw Stop.database(
          dead.role() + " dies again and again without doing anything (what it said is above)");
    }
    if (dead.role() == Role.BROKER) {
      restarts++;
    } else {
      kills++;
    }
    start(dead.role());
  }

  void somethingWasDone() {
    deathsInARow = 0;
  }

  /** Returns how often a service died. */
  int kills() {
    return kills;
  }

  /** Returns how often the broker was started again. */
  int restarts() {
    return restarts;
  }

  /** Ends all, the services before the broker. */
  @Override
  public void close() {
    for (Role role : List.of(Role.ORDERS, Role.PAYMENTS, Role.BROKER)) {
      child(role).end();
    }
  }
}
