package io.inbox.command.doctor;

import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the doctor found, in the order in which it looked. Not thread-safe. */
public final class Diagnosis {
  private final List<Line> lines = new ArrayList<>();
  private boolean unusable;

  void ok(String check, String what) {
    lines.add(new Line(Level.OK, check, what, null));
  }

  void warn(String check, String what, String remedy) {
    lines.add(new Line(Level.WARN, check, what, remedy));
  }

  void fail(String check, String what, String remedy) {
    lines.add(new Line(Level.FAIL, check, what, remedy));
  }

  /** Adds a failure that keeps everything from working: no connection, no schema. */
  void unusable(String check, String what, @Nullable String remedy) {
    lines.add(new Line(Level.FAIL, check, what, remedy));
    unusable = true;
  }

  /** Returns whether nothing can work. */
  public boolean unusable() {
    return unusable;
  }

  /** Returns whether a promise is broken. */
  public boolean failed() {
    return lines.stream().anyMatch(line -> line.level() == Level.FAIL);
  }

  /** Returns the report. */
  public Block block(String database) {
    Grid grid =
        new Grid("checks", "Checks", "")
            .hidden("check")
            .hidden("result")
            .hidden("found")
            .hidden("remedy");
    Block block = new Block().hidden("command", "doctor").hidden("database", database).grid(grid);
    for (Line line : lines) {
      String result = line.level().name().toLowerCase(Locale.ROOT);
      grid.row(line.check(), result, line.what(), line.remedy());
      block.line(
          String.format(Locale.ROOT, "%-4s  %s", result, line.check()),
          line.remedy() == null ? line.what() : line.what() + " (" + line.remedy() + ")");
    }
    long warned = lines.stream().filter(line -> line.level() == Level.WARN).count();
    long failed = lines.stream().filter(line -> line.level() == Level.FAIL).count();
    return block
        .hidden("warned", warned)
        .hidden("failed", failed)
        .note("")
        .note(lines.size() + " checks, " + warned + " warned, " + failed + " failed");
  }

  /** How bad it is. */
  private enum Level {
    OK,
    WARN,
    FAIL
  }

  /** What one check found, and what to do about it. */
  private record Line(Level level, String check, String what, @Nullable String remedy) {}
}
