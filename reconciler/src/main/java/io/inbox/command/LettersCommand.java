package io.inbox.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command that only has commands: says which. */
@Command(
    name = "dead-letters",
    description = "Lists, shows, replays and discards messages that were given up.",
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false)
final class LettersCommand extends Help implements Runnable {
  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: " + String.join(", ", spec.subcommands().keySet()));
  }
}
