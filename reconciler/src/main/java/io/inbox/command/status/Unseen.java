package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Metrics;
import java.util.List;

/** A part of the state that this login may not see, or that the schema does not have yet. */
final class Unseen implements Area {
  private final String title;
  private final List<String> names;

  /**
   * Says what is missing.
   *
   * @param names the fields that are null in JSON
   */
  Unseen(String title, List<String> names) {
    this.title = title;
    this.names = names;
  }

  @Override
  public void show(Block block) {
    names.forEach(name -> block.hidden(name, null));
    block.note("");
    block.note(
        title + ": not shown, as this login may not read the tables, or they do not exist yet");
  }

  @Override
  public void measure(Metrics metrics) {
    // A metric that is not known is left out, which an alert can notice.
  }

  @Override
  public void attend(Attention attention) {
    // Whoever may not see cannot tell.
  }
}
