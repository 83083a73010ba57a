package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Metrics;
import java.util.List;

/** A part of the state that this login may not see, or that the schema does not have yet. */
final class Unseen implements Area {
  private final String title;
  private final List<String> names;
  private final boolean slow;

  /**
   * Says what is missing.
   *
   * @param names the fields that are null in JSON
   * @param slow whether it took too long; else it is forbidden
   */
  Unseen(String title, List<String> names, boolean slow) {
    this.title = title;
    this.names = names;
    this.slow = slow;
  }

  @Override
  public void show(Block block) {
    names.forEach(name -> block.hidden(name, null));
    block.note("");
    block.note(
        title
            + ": not shown, as "
            + (slow
                ? "it took longer than --timeout"
                : "this login may not read the tables, or they do not exist yet"));
  }

  @Override
  public void measure(Metrics metrics) {
    // A metric that is not known is left out, which an alert can notice.
  }

  @Override
  public void attend(Attention attention) {
    if (slow) {
      attention.add(names.get(0), title + " could not be read in time", "raise --timeout");
    }
  }
}
