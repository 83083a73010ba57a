package io.inbox.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only has commands: says which. */
@Command(synopsisSubcommandLabel = "COMMAND", sortOptions = false)
final class GroupCommand extends Help implements Runnable {
  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  /** Returns a group with its commands. */
  static CommandLine of(String name, String description, Object... commands) {
    CommandLine group = new CommandLine(new GroupCommand());
    group.getCommandSpec().name(name).usageMessage().description(description);
    for (Object command : commands) {
      group.addSubcommand(command);
    }
    return group;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: " + String.join(", ", spec.subcommands().keySet()));
  }
}
