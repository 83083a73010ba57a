package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.reconciler.Retention;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the rules of retention. */
@Command(
    name = "list",
    description = "Lists what the collector keeps longer than the window. Changes nothing.",
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class RetentionListCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  RetentionListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    Retention retention = Retention.open(target.store(), target.dataSource());
    output.print(
        session,
        new Block()
            .hidden("command", "retention list")
            .grid(RetentionOptions.grid(retention.list())));
    return ExitCode.OK;
  }
}
