package io.inbox.model;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Visits every state a model can reach, those of few steps first, so that the first violation is
 * one of the shortest. A state that two interleavings reach is visited once: how it was reached
 * cannot matter to what follows. The interleavings themselves are counted over the graph.
 *
 * @param <I> the names of what must hold
 */
final class Explorer<I extends Enum<I>> {
  private static final int NONE = -1;

  private final Model<I> model;
  private final int width;
  private byte[] arena;
  private int[] parents = new int[1 << 16];
  private int[] table = new int[1 << 18];
  private int states;
  private int[] from = new int[1 << 18];
  private int[] to = new int[1 << 18];
  private int steps;

  private Explorer(Model<I> model) {
    this.model = model;
    this.width = model.start().length;
    this.arena = new byte[width << 16];
    Arrays.fill(table, NONE);
  }

  /** Explores everything. */
  static <I extends Enum<I>> Found<I> explore(Model<I> model) {
    return explore(model, null);
  }

  /**
   * Explores until something is violated.
   *
   * @param only the one invariant to look at; null for all
   */
  static <I extends Enum<I>> Found<I> explore(Model<I> model, @Nullable I only) {
    return new Explorer<>(model).run(only);
  }

  /**
   * What an exploration found.
   *
   * @param interleavings how many different sequences of steps there are from the start to an end;
   *     exact up to 2^53
   * @param trace the steps to the violation, one in a line
   */
  record Found<I extends Enum<I>>(
      int states,
      int steps,
      int endings,
      double interleavings,
      Optional<I> violated,
      String trace,
      Graph graph) {}

  /** The states and the steps between them. State 0 is the start. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Graph(byte[] arena, int width, int states, int[] from, int[] to, int steps) {
    byte[] state(int number) {
      return Arrays.copyOfRange(arena, number * width, (number + 1) * width);
    }
  }

  private Found<I> run(@Nullable I only) {
    add(model.start(), NONE);
    int endings = 0;
    for (int at = 0; at < states; at++) {
      byte[] state = state(at);
      Optional<I> broken = model.broken(state);
      if (counts(broken, only)) {
        return found(endings, 0, broken, trace(at));
      }
      int before = steps;
      int here = at;
      model.steps(
          state,
          (who, what, next) -> {
            int number = add(next, here);
            if (number != here) {
              step(here, number);
            }
          });
      if (steps == before) {
        endings++;
        Optional<I> stuck = model.brokenAtEnd(state);
        if (counts(stuck, only)) {
          return found(endings, 0, stuck, trace(at));
        }
      }
    }
    return count(endings);
  }

  private boolean counts(Optional<I> broken, @Nullable I only) {
    return broken.isPresent() && (only == null || broken.get() == only);
  }

  /** Counts the paths in the order of the graph; where there is none, steps lead in a circle. */
  private Found<I> count(int endings) {
    int[] first = new int[states + 1];
    int[] open = new int[states];
    for (int i = 0; i < steps; i++) {
      first[from[i] + 1]++;
      open[to[i]]++;
    }
    for (int i = 0; i < states; i++) {
      first[i + 1] += first[i]; // steps are stored in the order of where they begin
    }
    double[] paths = new double[states];
    paths[0] = 1;
    double whole = 0;
    int[] order = new int[states];
    int done = 0;
    int known = open[0] == 0 ? 1 : 0;
    while (done < known) {
      int at = order[done++];
      if (first[at] == first[at + 1]) {
        whole += paths[at];
      }
      for (int i = first[at]; i < first[at + 1]; i++) {
        paths[to[i]] += paths[at];
        if (--open[to[i]] == 0) {
          order[known++] = to[i];
        }
      }
    }
    if (done < states) {
      return found(endings, 0, Optional.of(model.endless()), circle(open));
    }
    return found(endings, whole, Optional.empty(), "");
  }

  private Found<I> found(int endings, double interleavings, Optional<I> violated, String trace) {
    return new Found<>(
        states,
        steps,
        endings,
        interleavings,
        violated,
        trace,
        new Graph(arena, width, states, from, to, steps));
  }

  /** Returns a way to a circle and once around it: back from a state until one comes again. */
  private String circle(int[] open) {
    int[] before = new int[states];
    Arrays.fill(before, NONE);
    for (int i = 0; i < steps; i++) {
      if (open[from[i]] > 0) {
        before[to[i]] = from[i];
      }
    }
    int at = 0;
    while (open[at] == 0) {
      at++;
    }
    boolean[] met = new boolean[states];
    while (!met[at]) {
      met[at] = true;
      at = before[at];
    }
    Deque<Integer> around = new ArrayDeque<>();
    int turn = at;
    do {
      around.push(turn);
      turn = before[turn];
    } while (turn != at);
    around.push(at);
    return trace(at) + "\nand from there again and again\n" + told(around);
  }

  /** Returns the steps from the start to a state. */
  private String trace(int end) {
    Deque<Integer> path = new ArrayDeque<>();
    for (int at = end; at != NONE; at = parents[at]) {
      path.push(at);
    }
    return told(path);
  }

  /** Returns the steps of a path, found again by taking them. */
  private String told(Deque<Integer> path) {
    List<String> lines = new ArrayList<>();
    int at = path.pop();
    for (int next : path) {
      byte[] wanted = state(next);
      int number = lines.size() + 1;
      model.steps(
          state(at),
          (who, what, reached) -> {
            if (lines.size() < number && Arrays.equals(reached, wanted)) {
              lines.add("%3d  %d  %s".formatted(number, who + 1, what));
            }
          });
      at = next;
    }
    return String.join("\n", lines);
  }

  private void step(int before, int after) {
    if (steps == from.length) {
      from = Arrays.copyOf(from, 2 * steps);
      to = Arrays.copyOf(to, 2 * steps);
    }
    from[steps] = before;
    to[steps++] = after;
  }

  private byte[] state(int number) {
    return Arrays.copyOfRange(arena, number * width, (number + 1) * width);
  }

  /** Returns the number of a state, a new one if it has none. */
  private int add(byte[] state, int parent) {
    int mask = table.length - 1;
    int place = hash(state, 0) & mask;
    while (table[place] != NONE) {
      int known = table[place] * width;
      if (Arrays.equals(state, 0, width, arena, known, known + width)) {
        return table[place];
      }
      place = (place + 1) & mask;
    }
    if (states == parents.length) {
      parents = Arrays.copyOf(parents, 2 * states);
      arena = Arrays.copyOf(arena, 2 * states * width);
    }
    System.arraycopy(state, 0, arena, states * width, width);
    parents[states] = parent;
    table[place] = states++;
    if (2 * states > table.length) {
      rehash();
    }
    return states - 1;
  }

  private void rehash() {
    table = new int[2 * table.length];
    Arrays.fill(table, NONE);
    int mask = table.length - 1;
    for (int number = 0; number < states; number++) {
      int place = hash(arena, number * width) & mask;
      while (table[place] != NONE) {
        place = (place + 1) & mask;
      }
      table[place] = number;
    }
  }

  private int hash(byte[] bytes, int offset) {
    long hash = 0x9E3779B97F4A7C15L;
    for (int i = 0; i < width; i++) {
      hash = (hash ^ bytes[offset + i]) * 0x100000001B3L;
    }
    hash ^= hash >>> 32;
    hash *= 0xD6E8FEB86659FD93L;
    return (int) (hash >>> 32);
  }
}
