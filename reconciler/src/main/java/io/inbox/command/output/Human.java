package io.inbox.command.output;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A block as text for people: labelled values, and tables whose lines have at most 100 characters.
 */
public final class Human {
  private static final int WIDTH = 100;
  private static final int NARROWEST = 8;
  private static final String GAP = "  ";
  private static final String CUT = "..";

  private final boolean bold;
  private final StringBuilder text = new StringBuilder();

  private Human(boolean bold) {
    this.bold = bold;
  }

  /**
   * Returns the text, with a line break at its end.
   *
   * @param bold whether headings may be bold, as on a terminal
   */
  public static String of(Block block, boolean bold) {
    Human human = new Human(bold);
    human.write(block, "");
    return human.text.toString();
  }

  private void write(Block block, String indent) {
    int label =
        block.entries().stream()
            .filter(Human::shown)
            .mapToInt(entry -> ((Block.Fact) entry).label().length())
            .max()
            .orElse(0);
    for (Block.Entry entry : block.entries()) {
      if (entry instanceof Block.Fact fact && shown(fact)) {
        String value = Words.of(fact.value());
        text.append(indent).append(pad(fact.label(), label, false)).append(GAP);
        wrap(value, indent.length() + label + GAP.length());
      } else if (entry instanceof Block.Note note) {
        text.append(indent);
        wrap(Words.visible(note.text()), indent.length());
      } else if (entry instanceof Block.Nested nested) {
        heading(nested.title(), indent);
        write(nested.block(), indent + GAP);
      } else if (entry instanceof Block.Several several) {
        for (Block.Titled titled : several.blocks()) {
          heading(titled.title(), indent);
          write(titled.block(), indent + GAP);
        }
      } else if (entry instanceof Grid grid) {
        write(grid, indent);
      }
    }
  }

  private static boolean shown(Block.Entry entry) {
    return entry instanceof Block.Fact fact && !fact.label().isEmpty() && fact.value() != null;
  }

  /** Long sentences go on under their beginning; a word that is too long stays whole. */
  private void wrap(String value, int indent) {
    int column = indent;
    boolean first = true;
    for (String word : value.split(" ", -1)) {
      if (!first && column + 1 + word.length() > WIDTH) {
        text.append('\n').append(" ".repeat(indent));
        column = indent;
        first = true;
      }
      text.append(first ? "" : " ").append(word);
      column += word.length() + (first ? 0 : 1);
      first = false;
    }
    text.append('\n');
  }

  private void heading(String title, String indent) {
    if (text.length() > 0) {
      text.append('\n');
    }
    String shown = Words.visible(title);
    text.append(indent).append(bold ? "\u001b[1m" + shown + "\u001b[0m" : shown).append('\n');
  }

  private void write(Grid grid, String indent) {
    if (grid.columns().stream().allMatch(column -> column.header().isEmpty())) {
      return;
    }
    if (grid.rows().isEmpty()) {
      if (!grid.empty().isEmpty()) {
        heading(grid.title(), indent);
        text.append(indent).append(GAP).append(grid.empty()).append('\n');
      }
      return;
    }
    heading(grid.title(), indent);
    List<Integer> shown =
        IntStream.range(0, grid.columns().size())
            .filter(i -> !grid.columns().get(i).header().isEmpty())
            .boxed()
            .toList();
    List<List<String>> cells = new ArrayList<>();
    cells.add(shown.stream().map(i -> grid.columns().get(i).header()).toList());
    for (List<@Nullable Object> row : grid.rows()) {
      cells.add(shown.stream().map(i -> Words.of(row.get(i))).toList());
    }
    int[] widths = widths(grid, shown, cells, WIDTH - indent.length() - GAP.length());
    for (List<String> line : cells) {
      text.append(indent).append(GAP).append(line(grid, shown, line, widths)).append('\n');
    }
  }

  /** Takes from the widest column that may be cut, one character at a time, until all fit. */
  private static int[] widths(
      Grid grid, List<Integer> shown, List<List<String>> cells, int available) {
    int[] widths = new int[shown.size()];
    for (List<String> line : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    int gaps = GAP.length() * (widths.length - 1);
    while (IntStream.of(widths).sum() + gaps > available) {
      int widest = -1;
      for (int i = 0; i < widths.length; i++) {
        boolean candidate = grid.columns().get(shown.get(i)).cuttable() && widths[i] > NARROWEST;
        if (candidate && (widest < 0 || widths[i] > widths[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        break;
      }
      widths[widest]--;
    }
    return widths;
  }

  private static String line(Grid grid, List<Integer> shown, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      if (i > 0) {
        line.append(GAP);
      }
      line.append(pad(cut(cells.get(i), widths[i]), widths[i], rightAligned(grid, shown.get(i))));
    }
    return line.toString().stripTrailing();
  }

  private static boolean rightAligned(Grid grid, int column) {
    return grid.rows().stream()
        .map(row -> row.get(column))
        .anyMatch(
            value ->
                value instanceof Number || value instanceof Count || value instanceof Duration);
  }

  private static String cut(String cell, int width) {
    return cell.length() <= width ? cell : cell.substring(0, width - CUT.length()) + CUT;
  }

  private static String pad(String cell, int width, boolean right) {
    String spaces = " ".repeat(Math.max(0, width - cell.length()));
    return right ? spaces + cell : cell + spaces;
  }
}
