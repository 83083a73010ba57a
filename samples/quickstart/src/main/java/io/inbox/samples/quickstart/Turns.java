package io.inbox.samples.quickstart;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Who may be handled now: copies of one content race freely, but a delivery whose id has an earlier
 * one with other content waits until that is settled. Otherwise it would depend on the weather
 * which of two contents is the first.
 */
final class Turns {
  private final Map<String, Turn> turns = new HashMap<>();

  /** The earlier line first, so that one that had to wait is not at the end of the queue again. */
  private final PriorityQueue<Pending> ready =
      new PriorityQueue<>(Comparator.comparingLong(pending -> pending.delivery().line()));

  /** The content that an id is busy with, and who waits for it to be settled. */
  private static final class Turn {
    private String content;
    private int open;
    private final Deque<Pending> waiting = new ArrayDeque<>();

    private Turn(String content) {
      this.content = content;
    }
  }

  /** Adds a delivery; they must come in the order of the input. */
  void add(Pending pending) {
    Delivery delivery = pending.delivery();
    Turn turn = turns.computeIfAbsent(delivery.id(), id -> new Turn(delivery.content()));
    if (turn.waiting.isEmpty() && turn.content.equals(delivery.content())) {
      turn.open++;
      ready.add(pending);
    } else {
      turn.waiting.add(pending);
    }
  }

  /** Puts back what was taken and not settled. */
  void putBack(Pending pending) {
    ready.add(pending);
  }

  /** Takes the next one, or null. */
  @org.jspecify.annotations.Nullable
  Pending poll() {
    return ready.poll();
  }

  boolean isEmpty() {
    return ready.isEmpty();
  }

  void settled(Pending pending) {
    String id = pending.delivery().id();
    Turn turn = turns.get(id);
    if (turn == null || --turn.open > 0) {
      return;
    }
    if (turn.waiting.isEmpty()) {
      turns.remove(id);
      return;
    }
    turn.content = turn.waiting.getFirst().delivery().content();
    while (!turn.waiting.isEmpty()
        && turn.waiting.getFirst().delivery().content().equals(turn.content)) {
      turn.open++;
      ready.add(turn.waiting.removeFirst());
    }
  }
}
