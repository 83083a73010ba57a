package io.inbox.command;

import io.inbox.command.database.Target;
import io.inbox.command.output.Block;
import io.inbox.reconciler.Retention;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Sets a rule of retention. */
@Command(
    name = "set",
    description = {
      "Keeps rows longer than the window, in place of the rule that is there for the same consumer and tenant.",
      "A rule lengthens and never shortens what the window says; of several the longest counts."
    },
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class RetentionSetCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Parameters(
      paramLabel = "TIME",
      converter = Durations.class,
      description = "how long rows are kept, such as 365d")
  private Duration keep = Duration.ZERO;

  @Mixin private RetentionOptions whose = new RetentionOptions();
  @Mixin private DatabaseOptions database = new DatabaseOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  RetentionSetCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Target target = database.target(session);
    Retention.Rule rule = new Retention.Rule(whose.consumer(), whose.tenant(), keep);
    Retention.open(target.store(), target.dataSource()).keep(rule);
    output.print(
        session,
        new Block().hidden("command", "retention set").grid(RetentionOptions.grid(List.of(rule))));
    return ExitCode.OK;
  }
}
