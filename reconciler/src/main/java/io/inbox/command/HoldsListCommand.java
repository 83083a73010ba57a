package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.reconciler.Hold;
import io.inbox.reconciler.Holds;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists holds. */
@Command(
    name = "list",
    description = "Lists what is held back from the collector. Changes nothing.",
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class HoldsListCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(names = "--all", description = "also those that have ended")
  private boolean all;

  HoldsListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    Holds holds = Holds.open(target.store(), target.dataSource());
    List<Hold> found = all ? holds.listAll() : holds.list();
    Grid grid = grid();
    found.forEach(hold -> add(grid, hold));
    output.print(session, new Block().hidden("command", "holds list").grid(grid));
    return ExitCode.OK;
  }

  static Grid grid() {
    return new Grid("holds", "Holds", "none")
        .column("id", "id")
        .text("scope", "on")
        .hidden("consumer")
        .hidden("tenant")
        .hidden("source")
        .hidden("messageId")
        .hidden("subject")
        .text("reason", "because")
        .text("placedBy", "by")
        .column("placedAt", "since")
        .column("until", "until");
  }

  static void add(Grid grid, Hold hold) {
    Hold.Scope scope = hold.scope();
    grid.row(
        hold.id(),
        scope.toString(),
        scope.consumer(),
        scope.tenant(),
        scope.source(),
        scope.messageId(),
        scope.subject(),
        hold.reason(),
        hold.placedBy(),
        hold.placedAt(),
        hold.until().orElse(null));
  }
}
