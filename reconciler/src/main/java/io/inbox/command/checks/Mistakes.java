package io.inbox.command.checks;

import io.inbox.command.CommandException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** What is wrong with a file, all of it, in the order in which it stands there. */
final class Mistakes {
  private final String file;
  private final List<Mistake> found = new ArrayList<>();

  Mistakes(String file) {
    this.file = file;
  }

  /** A mistake and where it stands, counted from 1. */
  private record Mistake(int line, int column, String what) {}

  void add(Node node, String what) {
    add(node.getStartMark().orElse(null), what);
  }

  void add(@Nullable Mark mark, String what) {
    found.add(
        mark == null
            ? new Mistake(1, 1, what)
            : new Mistake(mark.getLine() + 1, mark.getColumn() + 1, what));
  }

  boolean none() {
    return found.isEmpty();
  }

  /**
   * Refuses a file with mistakes.
   *
   * @throws CommandException with a line for each
   */
  void refuse() {
    if (!found.isEmpty()) {
      found.sort(Comparator.comparingInt(Mistake::line).thenComparingInt(Mistake::column));
      throw CommandException.usage(
          found.stream()
              .map(it -> file + ":" + it.line() + ":" + it.column() + ": " + it.what())
              .toList());
    }
  }
}
