package io.inbox.testkit.crash;

import io.inbox.testkit.fault.FaultPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@link CrashPoints} saw. Immutable. */
public final class CrashReport {
  private final String title;
  private final List<Cell> cells;
  private final List<String> notPossible;
  private final List<String> notes;

  CrashReport(String title, List<Cell> cells, List<String> notPossible, List<String> notes) {
    this.title = title;
    this.cells = List.copyOf(cells);
    this.notPossible = List.copyOf(notPossible);
    this.notes = List.copyOf(notes);
  }

  /**
   * One case: a delivery broken at a point, and what came of it.
   *
   * @param point where it was broken
   * @param occurrence which time the delivery passed the point, from 1; of {@code P5_HANDLING} the
   *     number of the statement after which it was
   * @param way how it was broken
   * @param outcomes what became of the deliveries, in their order
   * @param violation what did not hold; null if everything did
   * @param ownConnections how many of the inbox's connections the handler took for itself before it
   *     was broken
   */
  public record Cell(
      FaultPoint point,
      int occurrence,
      CrashWay way,
      List<String> outcomes,
      @Nullable String violation,
      int ownConnections) {
    /** Creates one; the list is copied. */
    public Cell {
      outcomes = List.copyOf(outcomes);
    }

    /** Returns whether the invariant held. */
    public boolean holds() {
      return violation == null;
    }

    /** Returns the point as the report names it: {@code P5_HANDLING#2}. */
    public String place() {
      return new Aim(point, occurrence).toString();
    }
  }

  /** Returns all cases that were run, by point. */
  public List<Cell> cells() {
    return cells;
  }

  /** Returns the cases in which something did not hold. */
  public List<Cell> broken() {
    return cells.stream().filter(cell -> !cell.holds()).toList();
  }

  /** Returns what could not be run, and why: ways, points that are not passed, cases. */
  public List<String> notPossible() {
    return notPossible;
  }

  /** Returns what else should be known, such as an invariant that sees too little. */
  public List<String> notes() {
    return notes;
  }

  /** Returns whether everything held in every case that was run, and at least one was. */
  public boolean isClean() {
    return !cells.isEmpty() && broken().isEmpty();
  }

  /** Returns what one case was, if it was run. */
  Optional<Cell> cell(FaultPoint point, int occurrence, CrashWay way) {
    return cells.stream()
        .filter(it -> it.point() == point && it.occurrence() == occurrence && it.way() == way)
        .findFirst();
  }

  /** Returns the report for people, several lines. */
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    List<Cell> broken = broken();
    lines.add(
        broken.isEmpty()
            ? "Crash points: %s: the invariant held in all %d cases".formatted(title, cells.size())
            : "Crash points: %s: the invariant did not hold in %d of %d cases"
                .formatted(title, broken.size(), cells.size()));
    for (Cell cell : broken) {
      lines.add("  " + cell.place() + " " + cell.way());
      lines.add("    violated: " + cell.violation());
      lines.add("    outcomes: " + String.join("; ", cell.outcomes()));
      lines.add("    look at:  " + Advice.on(cell, this));
    }
    section(lines, "Not run:", notPossible);
    section(lines, "Note:", notes);
    return String.join("\n", lines);
  }

  private static void section(List<String> lines, String head, List<String> entries) {
    if (!entries.isEmpty()) {
      lines.add(head);
      entries.forEach(entry -> lines.add("  " + entry));
    }
  }
}
