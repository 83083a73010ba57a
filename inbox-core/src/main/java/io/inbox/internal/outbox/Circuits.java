package io.inbox.internal.outbox;

import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A circuit breaker for each topic (M. Nygard, "Release It!", chapter 5): closed while its messages
 * get through; open, so that none is tried, once its destination cannot be reached or too many of
 * its messages failed in a row; then half-open, when a few are tried. Thread-safe.
 */
final class Circuits {
  private static final long FIRST_OPEN_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final View ALL_CLOSED = new View(Set.of(), Set.of(), 0);

  private final int failures;
  private final long longestNanos;
  private final BiConsumer<String, Boolean> listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Circuit> circuits = new ConcurrentHashMap<>();
  private volatile int generation;

  Circuits(int failures, Duration longest, BiConsumer<String, Boolean> listener) {
    this.failures = failures;
    this.longestNanos = longest.toNanos();
    this.listener = listener;
  }

  /** A topic that had trouble since its last success. */
  private static final class Circuit {
    private final Set<String> failed = new HashSet<>();
    private boolean open;
    private boolean halfOpen;
    private long until;
    private int times;
  }

  /**
   * How the topics stand at one moment. A worker goes by one view for a whole cycle: were a topic
   * to change in between, a later message of a key could be taken after an earlier one was not.
   *
   * @param closed topics that are not to be tried
   * @param halfOpen topics of which only a few messages are to be tried
   * @param generation changes whenever a topic is tried again: rows below any bound may be its
   */
  record View(Set<String> closed, Set<String> halfOpen, int generation) {}

  /** Returns how the topics stand. */
  View view() {
    if (circuits.isEmpty()) {
      int now = generation; // after the look: it changes before a topic is forgotten
      return now == 0 ? ALL_CLOSED : new View(Set.of(), Set.of(), now);
    }
    lock.lock();
    try {
      Set<String> closed = new HashSet<>();
      Set<String> halfOpen = new HashSet<>();
      long now = System.nanoTime();
      circuits.forEach(
          (topic, circuit) -> {
            if (circuit.open && now - circuit.until >= 0) {
              circuit.open = false;
              circuit.halfOpen = true;
              tryAgain();
            }
            if (circuit.open) {
              closed.add(topic);
            } else if (circuit.halfOpen) {
              halfOpen.add(topic);
            }
          });
      return new View(closed, halfOpen, generation);
    } finally {
      lock.unlock();
    }
  }

  /** Rows that were passed over are to be read again. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
  private void tryAgain() {
    lock.lock();
    try {
      generation++;
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether only a few messages of a topic are to be tried now. */
  boolean halfOpen(String topic) {
    lock.lock();
    try {
      @Nullable Circuit circuit = circuits.get(topic);
      return circuit != null && circuit.halfOpen;
    } finally {
      lock.unlock();
    }
  }

  /** A message got through. */
  void succeeded(String topic) {
    if (circuits.isEmpty()) {
      return;
    }
    boolean was;
    lock.lock();
    try {
      @Nullable Circuit circuit = circuits.get(topic);
      was = circuit != null && circuit.times > 0;
      if (was) {
        tryAgain();
      }
      circuits.remove(topic);
    } finally {
      lock.unlock();
    }
    if (was) {
      listener.accept(topic, false);
    }
  }

  /** A message failed by its own fault, as it seems; many different ones in a row are not. */
  void failed(String topic, String lane) {
    boolean opened = false;
    lock.lock();
    try {
      Circuit circuit = circuits.computeIfAbsent(topic, unused -> new Circuit());
      circuit.failed.add(lane);
      if (!circuit.open && circuit.failed.size() >= failures) {
        opened = open(circuit);
      }
    } finally {
      lock.unlock();
    }
    tell(topic, opened);
  }

  /** The destination cannot be reached. */
  void unavailable(String topic) {
    boolean opened = false;
    lock.lock();
    try {
      Circuit circuit = circuits.computeIfAbsent(topic, unused -> new Circuit());
      if (!circuit.open) {
        opened = open(circuit);
      }
    } finally {
      lock.unlock();
    }
    tell(topic, opened);
  }

  private void tell(String topic, boolean opened) {
    if (opened) {
      listener.accept(topic, true);
    }
  }

  /** Opens longer each time, with half of it random; returns whether it was closed before. */
  private boolean open(Circuit circuit) {
    long full = Math.min(longestNanos, FIRST_OPEN_NANOS << Math.min(circuit.times, 16));
    circuit.until =
        System.nanoTime() + full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
    circuit.open = true;
    circuit.halfOpen = false;
    return circuit.times++ == 0;
  }

  /** Returns how many nanoseconds until a topic is to be tried again; the longest if none waits. */
  long nanosToNext() {
    lock.lock();
    try {
      long next = Long.MAX_VALUE;
      long now = System.nanoTime();
      for (Circuit circuit : circuits.values()) {
        if (circuit.open) {
          next = Math.min(next, Math.max(0, circuit.until - now));
        }
      }
      return next;
    } finally {
      lock.unlock();
    }
  }
}
