package io.inbox.samples.orders;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Who is killed and when: the same for one seed. Time is counted in work done, so that it does not
 * depend on the speed of the machine.
 */
final class Mishaps {
  private final Deque<Mishap> left = new ArrayDeque<>();

  /** Somebody is killed once so much of the work is done. */
  private record Mishap(double at, Role role) {}

  /** The services take turns in a random order; the broker is killed about half-way. */
  Mishaps(int kills, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] times = new double[kills];
    Arrays.setAll(times, i -> random.nextDouble(0.02, 0.98));
    Arrays.sort(times);
    List<Mishap> all = new ArrayList<>();
    boolean ordersFirst = false;
    for (int i = 0; i < kills; i++) {
      ordersFirst = i % 2 == 0 ? random.nextBoolean() : !ordersFirst;
      all.add(new Mishap(times[i], ordersFirst ? Role.ORDERS : Role.PAYMENTS));
    }
    all.add(new Mishap(random.nextDouble(0.4, 0.6), Role.BROKER));
    all.sort((a, b) -> Double.compare(a.at(), b.at()));
    left.addAll(all);
  }

  /** Returns who is to be killed next, if its time has come. */
  @Nullable Role due(double done) {
    Mishap next = left.peek();
    return next != null && next.at() <= done ? next.role() : null;
  }

  /** The next one has happened. */
  void happened() {
    left.remove();
  }

  boolean over() {
    return left.isEmpty();
  }
}
