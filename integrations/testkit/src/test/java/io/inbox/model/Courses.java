package io.inbox.model;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * What the states of an explored model look like to somebody who sees only a part of them: which
 * courses of changes there are.
 */
final class Courses {
  private final int[] first;
  private final int[] to;
  private final int[] seen;
  private final Node root;

  Courses(Explorer.Graph graph, ToIntFunction<byte[]> look) {
    int states = graph.states();
    this.first = new int[states + 1];
    this.to = graph.to();
    this.seen = new int[states];
    for (int i = 0; i < graph.steps(); i++) {
      first[graph.from()[i] + 1]++;
    }
    for (int i = 0; i < states; i++) {
      first[i + 1] += first[i];
      seen[i] = look.applyAsInt(graph.state(i));
    }
    BitSet start = new BitSet();
    start.set(0);
    this.root = new Node(start);
  }

  /** All states that may have been reached when a course has come this far. */
  private final class Node {
    private final Map<Integer, BitSet> next = new HashMap<>();
    private final Map<Integer, Node> nodes = new HashMap<>();
    private boolean end;

    Node(BitSet entered) {
      BitSet states = new BitSet();
      List<Integer> open = new ArrayList<>();
      entered.stream().forEach(open::add);
      states.or(entered);
      while (!open.isEmpty()) {
        int at = open.remove(open.size() - 1);
        end |= first[at] == first[at + 1];
        for (int i = first[at]; i < first[at + 1]; i++) {
          if (seen[to[i]] != seen[at]) {
            next.computeIfAbsent(seen[to[i]], unused -> new BitSet()).set(to[i]);
          } else if (!states.get(to[i])) {
            states.set(to[i]);
            open.add(to[i]);
          }
        }
      }
    }

    Optional<Node> to(int look) {
      if (!next.containsKey(look)) {
        return Optional.empty();
      }
      return Optional.of(nodes.computeIfAbsent(look, unused -> new Node(next.get(look))));
    }
  }

  /** Returns whether the model can show this, from its start to an end. */
  boolean contain(List<Integer> course) {
    Optional<Node> node = Optional.of(root);
    for (int look : course.subList(1, course.size())) {
      node = node.flatMap(it -> it.to(look));
    }
    return node.map(it -> it.end).orElse(false);
  }

  /** Returns how many different courses there are, from the start to an end. */
  long count() {
    return count(root);
  }

  private long count(Node node) {
    long count = node.end ? 1 : 0;
    for (int look : node.next.keySet()) {
      count += count(node.to(look).orElseThrow());
    }
    return count;
  }
}
