package io.inbox.command.deed;

import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.error.InboxException;
import io.inbox.error.RetryLaterException;
import io.inbox.error.SchemaException;
import java.util.List;

/** Does one deed to several things and says what became of each. Not thread-safe. */
public final class Deeds {
  private final String name;
  private final Grid grid;
  private boolean applied;
  private int done;
  private int failed;

  /**
   * Starts with nothing done.
   *
   * @param name the name of the array in JSON
   * @param title what the things are, for people
   */
  public Deeds(String name, String title) {
    this.name = name;
    this.grid =
        new Grid(name, title, "none is selected")
            .column("id", "id")
            .text("owner", "of")
            .hidden("tenant")
            .text("what", "what")
            .column("outcome", "outcome")
            .text("detail", "detail");
  }

  /** Shows what would be done. */
  public void preview(List<Item> items, String outcome) {
    items.forEach(item -> row(item, outcome, ""));
  }

  /** Does it; a database that is gone ends it, as trying on would only take long. */
  public void carryOut(List<Item> items, Deed deed) {
    applied = true;
    boolean lost = false;
    for (Item item : items) {
      if (lost) {
        row(item, "NOT_TRIED", "");
        failed++;
        continue;
      }
      try {
        Deed.Result result = deed.on(item);
        row(item, result.outcome(), result.detail() == null ? "" : result.detail());
        done += result.done() ? 1 : 0;
        failed += result.done() ? 0 : 1;
      } catch (SchemaException e) {
        throw e; // the first has failed, and so would all others
      } catch (InboxException e) {
        row(item, "FAILED", String.valueOf(e.getMessage()));
        failed++;
        lost = e instanceof RetryLaterException;
      }
    }
  }

  private void row(Item item, String outcome, String detail) {
    grid.row(item.id(), item.owner(), item.tenant(), item.what(), outcome, detail);
  }

  /** Returns the report. */
  public Block block(String command) {
    Block block =
        new Block()
            .hidden("command", command)
            .hidden("applied", applied)
            .hidden("done", done)
            .hidden("failed", failed)
            .grid(grid);
    return applied
        ? block
        : block.note("").note("Nothing was changed: add --apply --reason \"...\" to do it.");
  }

  /** Returns whether all that was to be done is done. */
  public boolean allDone() {
    return failed == 0;
  }

  /** Returns what the things are called in JSON. */
  @Override
  public String toString() {
    return name + ": " + done + " done, " + failed + " failed";
  }
}
