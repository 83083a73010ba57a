package io.inbox.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Repairs what checks found. */
@Command(
    name = "repair",
    description = "Repairs what checks found, each item in a transaction of its own, on record.",
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    footer = Help.EXIT_CODES)
final class RepairCommand extends Help implements Runnable {
  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  /** Returns the command with those below it. */
  static CommandLine line(Session session) {
    CommandLine line = new CommandLine(new RepairCommand());
    line.addSubcommand(new RepairReopenCommand(session));
    line.addSubcommand(new RepairBackfillCommand(session));
    line.addSubcommand(new RepairResendCommand(session));
    line.addSubcommand(new RepairReplayCommand(session));
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: " + String.join(", ", spec.subcommands().keySet()));
  }
}
