package io.inbox.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program without a command: says which there are. */
@Command(
    name = "inbox",
    description = "Works on the tables of Inbox.",
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    versionProvider = Version.class,
    footer = Help.EXIT_CODES)
final class InboxCommand extends Help implements Runnable {
  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "prints the version")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean version;

  /** Returns the program with all its commands. */
  static CommandLine line(Session session) {
    CommandLine line = new CommandLine(new InboxCommand());
    line.addSubcommand(new MigrateCommand(session));
    line.addSubcommand(new StatusCommand(session));
    line.addSubcommand(new DoctorCommand(session));
    line.addSubcommand(new ExplainCommand(session));
    line.addSubcommand(letters(session));
    line.addSubcommand(findings(session));
    line.addSubcommand(RepairCommand.line(session));
    line.addSubcommand(new RelayCommand(session));
    line.addSubcommand(new CompletionCommand(session));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  private static CommandLine letters(Session session) {
    return GroupCommand.of(
        "dead-letters",
        "Lists, shows, replays and discards messages that were given up.",
        new LettersListCommand(session),
        new LettersShowCommand(session),
        new LettersReplayCommand(session),
        new LettersDiscardCommand(session));
  }

  private static CommandLine findings(Session session) {
    return GroupCommand.of(
        "findings",
        "Lists, shows, resolves and accepts what the reconciler found.",
        new FindingsListCommand(session),
        new FindingsShowCommand(session),
        FindingsEndCommand.resolve(session),
        FindingsEndCommand.accept(session));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given: say " + String.join(", ", spec.subcommands().keySet()));
  }
}
