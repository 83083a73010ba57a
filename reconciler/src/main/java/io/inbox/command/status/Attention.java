package io.inbox.command.status;

import io.inbox.command.output.Grid;
import java.util.ArrayList;
import java.util.List;

/** What a person should look at, each with the command that shows more. Not thread-safe. */
public final class Attention {
  private final List<Item> items = new ArrayList<>();

  void add(String area, String what, String next) {
    items.add(new Item(area, what, next));
  }

  /** Returns whether there is nothing to look at. */
  public boolean none() {
    return items.isEmpty();
  }

  /** Returns how many things there are to look at. */
  public int size() {
    return items.size();
  }

  Grid grid() {
    Grid grid =
        new Grid("attention", "Needs attention", "nothing")
            .hidden("area")
            .text("what", "what")
            .text("next", "look at it with");
    items.forEach(item -> grid.row(item.area(), item.what(), item.next()));
    return grid;
  }

  /** One thing. */
  private record Item(String area, String what, String next) {}
}
