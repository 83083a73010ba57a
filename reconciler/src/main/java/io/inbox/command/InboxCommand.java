package io.inbox.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program without a command: says which there are. */
@Command(
    name = "inbox",
    description = "Works on the tables of Inbox.",
    synopsisSubcommandLabel = "COMMAND",
    footer = Help.EXIT_CODES)
final class InboxCommand extends Help implements Runnable {
  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given: say " + String.join(" or ", spec.subcommands().keySet()));
  }
}
