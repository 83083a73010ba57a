package io.inbox.internal.outbox;

import io.inbox.internal.outbox.LeaseRows.View;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which slots this relay owns: it renews their leases, takes its fair share of what is free, and
 * gives back what is more than that. Run by one thread; read by the workers.
 *
 * <p>A lease ends for this relay a little before it ends for the others, counted from before the
 * statement that renewed it, so that the clocks of the two machines do not matter, only their pace.
 */
final class Ownership {
  private static final Logger LOG = LoggerFactory.getLogger("io.inbox.outbox.Relay");
  private static final long MARGIN = 10;
  private static final Duration WHILE_GIVING_BACK = Duration.ofMillis(20);
  private static final Duration WHILE_WAITING = Duration.ofMillis(500);

  private final Connections connections;
  private final LeaseRows leases;
  private final Duration lease;
  private final Consumer<Set<Integer>> changed;
  private final Map<Integer, OwnedSlot> owned = new ConcurrentSkipListMap<>();
  private Duration next = Duration.ZERO;
  private long lastHeartbeat;
  private boolean begun;

  Ownership(
      Connections connections, LeaseRows leases, Duration lease, Consumer<Set<Integer>> changed) {
    this.connections = connections;
    this.leases = leases;
    this.lease = lease;
    this.changed = changed;
  }

  Collection<OwnedSlot> owned() {
    return owned.values();
  }

  boolean owns(int slot) {
    return owned.containsKey(slot);
  }

  /** Does what is due and returns how long nothing will be. */
  Duration tick(boolean atOnce) throws SQLException {
    giveBack();
    long since = System.nanoTime() - lastHeartbeat;
    if (!begun || atOnce || since >= next.toNanos()) {
      heartbeat();
      since = 0;
    }
    Duration left = next.minusNanos(since);
    boolean giving = owned.values().stream().anyMatch(OwnedSlot::releasing);
    return giving && left.compareTo(WHILE_GIVING_BACK) > 0 ? WHILE_GIVING_BACK : left;
  }

  private void heartbeat() throws SQLException {
    long start = System.nanoTime();
    Set<Integer> before = new TreeSet<>(owned.keySet());
    View view = connections.transaction(leases::heartbeat);
    lastHeartbeat = start;
    begun = true;
    long until = start + lease.toNanos() - lease.toNanos() / MARGIN;
    forget(view.mine());
    owned.values().forEach(slot -> slot.renewed(until));
    adopt(view.mine(), until);
    int slots = view.mine().size() + view.free().size() + sum(view.shares());
    int fair = (slots + view.relays() - 1) / view.relays();
    shrink(fair);
    boolean hungry = grow(view, fair, until);
    next = hungry && WHILE_WAITING.compareTo(third()) < 0 ? WHILE_WAITING : third();
    if (!before.equals(owned.keySet())) {
      LOG.info(
          "The relay owns slots {} of {}, with {} relays alive",
          owned.keySet(),
          slots,
          view.relays());
      changed.accept(Set.copyOf(owned.keySet()));
    }
  }

  private Duration third() {
    return lease.dividedBy(3);
  }

  private static int sum(Collection<Integer> numbers) {
    return numbers.stream().mapToInt(Integer::intValue).sum();
  }

  /** Forgets slots that another relay took, because this one was too late. */
  private void forget(Map<Integer, Long> mine) {
    owned
        .values()
        .removeIf(
            slot -> {
              @Nullable Long epoch = mine.get(slot.slot);
              boolean lost = epoch == null || epoch != slot.epoch;
              if (lost) {
                LOG.warn(
                    "Slot {} was taken by another relay: this one was paused, or cut off from the database, for longer than its lease",
                    slot.slot);
                slot.release();
              }
              return lost;
            });
  }

  /**
   * Uses slots whose taking has committed although this relay was not told so. None of them is one
   * that it gave back: such a one leaves {@code owned} only when the database has confirmed it.
   */
  private void adopt(Map<Integer, Long> mine, long until) {
    mine.forEach((slot, epoch) -> owned.putIfAbsent(slot, new OwnedSlot(slot, epoch, until)));
  }

  private void shrink(int fair) {
    long keep = owned.values().stream().filter(slot -> !slot.releasing()).count();
    for (OwnedSlot slot : owned.values()) {
      if (keep > fair && !slot.releasing()) {
        slot.release();
        keep--;
      }
    }
  }

  /** Takes what is free; returns whether there is more to come, from a relay that has too much. */
  private boolean grow(View view, int fair, long until) throws SQLException {
    int wanted = fair - owned.size();
    if (wanted <= 0) {
      return false;
    }
    List<Integer> free = new ArrayList<>(view.free());
    Collections.shuffle(free); // two relays that start together want different ones
    List<Integer> candidates = free.subList(0, Math.min(wanted, free.size()));
    if (!candidates.isEmpty()) {
      List<Integer> sorted = candidates.stream().sorted().toList();
      Map<Integer, Long> taken =
          connections.transaction(connection -> leases.take(connection, sorted));
      taken.forEach((slot, epoch) -> owned.put(slot, new OwnedSlot(slot, epoch, until)));
    }
    boolean more = !candidates.isEmpty() || view.shares().stream().anyMatch(share -> share > fair);
    return more && owned.size() < fair;
  }

  /** Gives back the slots that no worker uses any more; returns whether there were any. */
  private boolean release() throws SQLException {
    Map<Integer, Long> free = new TreeMap<>();
    for (OwnedSlot slot : owned.values()) {
      if (slot.released()) {
        free.put(slot.slot, slot.epoch);
      }
    }
    if (free.isEmpty()) {
      return false;
    }
    connections.transaction(
        connection -> {
          leases.release(connection, free);
          return free;
        });
    free.keySet().forEach(owned::remove);
    return true;
  }

  private void giveBack() throws SQLException {
    if (release()) {
      changed.accept(Set.copyOf(owned.keySet()));
    }
  }

  /** Gives everything back that no worker uses, and leaves. */
  void leave() throws SQLException {
    owned.values().forEach(OwnedSlot::release);
    release();
    connections.transaction(
        connection -> {
          leases.leave(connection);
          return connection;
        });
  }

  /** Gives back what a worker went on to use, for as long as that is anybody's business. */
  void giveBackLate() throws SQLException {
    long end = System.nanoTime() + lease.toNanos();
    while (!owned.isEmpty() && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(WHILE_GIVING_BACK.toNanos());
      release();
    }
  }
}
