package io.inbox.internal.outbox;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Which relays of this process read which tables, so that a commit can wake them at once. */
final class WakeUps {
  private static final Map<String, List<Sleeper>> SLEEPERS = new ConcurrentHashMap<>();

  private WakeUps() {}

  /** A relay that may be waiting. */
  interface Sleeper {
    /** Wakes it; returns whether it owns the slot. */
    boolean wake(int slot);
  }

  static void add(String place, Sleeper sleeper) {
    SLEEPERS.computeIfAbsent(place, unused -> new CopyOnWriteArrayList<>()).add(sleeper);
  }

  static void remove(String place, Sleeper sleeper) {
    SLEEPERS.computeIfPresent(
        place,
        (unused, sleepers) -> {
          sleepers.remove(sleeper);
          return sleepers.isEmpty() ? null : sleepers;
        });
  }

  /** Wakes the owners of slots; returns the slots that no relay of this process owns. */
  static Set<Integer> wake(String place, Set<Integer> slots) {
    List<Sleeper> sleepers = SLEEPERS.getOrDefault(place, List.of());
    if (sleepers.isEmpty()) {
      return slots;
    }
    Set<Integer> others = new HashSet<>();
    for (int slot : slots) {
      boolean owned = false;
      for (Sleeper sleeper : sleepers) {
        owned |= sleeper.wake(slot);
      }
      if (!owned) {
        others.add(slot);
      }
    }
    return others;
  }
}
