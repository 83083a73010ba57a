package io.inbox.torture.fault;

import io.inbox.testkit.fault.FaultPoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * When which fault is due, counted in deliveries and not in time, so that a seed replays closely.
 */
public final class Schedule {
  private Schedule() {}

  /**
   * Returns faults at random places: kinds by their weight, each of a kind's points in turn.
   *
   * @param kinds the kinds to choose from
   * @param deliveries over how many deliveries
   * @param faults how many
   */
  public static List<Fault> random(long seed, List<FaultKind> kinds, long deliveries, int faults) {
    Random random = new Random(seed);
    List<FaultKind> drawn = new ArrayList<>();
    while (drawn.size() < faults) {
      List<FaultKind> round = new ArrayList<>();
      kinds.forEach(kind -> round.addAll(Collections.nCopies(kind.weight(), kind)));
      Collections.shuffle(round, random);
      // A short run sees every kind once before it sees one twice.
      List<FaultKind> first = drawn.isEmpty() ? new ArrayList<>(kinds) : round;
      Collections.shuffle(first, random);
      drawn.addAll(first);
    }
    List<Fault> schedule = new ArrayList<>(faults);
    Map<FaultKind, Integer> turns = new EnumMap<>(FaultKind.class);
    kinds.forEach(kind -> turns.put(kind, random.nextInt(1_000)));
    for (int i = 0; i < faults; i++) {
      FaultKind kind = drawn.get(i);
      long at = (long) ((i + random.nextDouble()) * deliveries / faults);
      @Nullable FaultPoint point =
          kind.points().isEmpty()
              ? null
              : kind.points().get(turns.merge(kind, 1, Integer::sum) % kind.points().size());
      schedule.add(new Fault(i + 1, at, kind, point, random.nextInt(1_000)));
    }
    return schedule;
  }

  /** Returns every cell of the given kinds, each so many times, one after the other. */
  public static List<Fault> systematic(long seed, List<FaultKind> kinds, int times) {
    Random random = new Random(seed);
    List<Fault> schedule = new ArrayList<>();
    for (int round = 0; round < times; round++) {
      for (FaultKind kind : kinds) {
        List<@Nullable FaultPoint> points = new ArrayList<>(kind.points());
        if (points.isEmpty()) {
          points.add(null);
        }
        for (FaultPoint point : points) {
          schedule.add(new Fault(schedule.size() + 1, 0, kind, point, random.nextInt(1_000)));
        }
      }
    }
    return schedule;
  }
}
