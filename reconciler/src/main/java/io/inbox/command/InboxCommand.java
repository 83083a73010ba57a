package io.inbox.command;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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
  private static final String COMPLETION = "completion";

  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "prints the version")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean version;

  /**
   * Returns the program, with the command that the first word names; with all of them where it
   * names none, or one that needs to know the others. Describing a command takes as long as
   * starting a JVM, so cron pays for one.
   */
  static CommandLine line(Session session, String... words) {
    CommandLine line = new CommandLine(new InboxCommand());
    Map<String, Supplier<CommandLine>> commands = commands(session);
    String named = words.length == 0 ? "" : words[0];
    if (commands.containsKey(named) && !named.equals(COMPLETION)) {
      commands.keySet().retainAll(Set.of(named));
    }
    commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    return line;
  }

  private static Map<String, Supplier<CommandLine>> commands(Session session) {
    Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
    commands.put("migrate", () -> new CommandLine(new MigrateCommand(session)));
    commands.put("status", () -> new CommandLine(new StatusCommand(session)));
    commands.put("doctor", () -> new CommandLine(new DoctorCommand(session)));
    commands.put("explain", () -> new CommandLine(new ExplainCommand(session)));
    commands.put("dead-letters", () -> letters(session));
    commands.put("reconcile", () -> new CommandLine(new ReconcileCommand(session)));
    commands.put("findings", () -> findings(session));
    commands.put("gc", () -> new CommandLine(new GcCommand(session)));
    commands.put("holds", () -> holds(session));
    commands.put("retention", () -> retention(session));
    commands.put("repair", () -> RepairCommand.line(session));
    commands.put("relay", () -> new CommandLine(new RelayCommand(session)));
    commands.put(COMPLETION, () -> new CommandLine(new CompletionCommand(session)));
    return commands;
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

  private static CommandLine holds(Session session) {
    return GroupCommand.of(
        "holds",
        "Lists, places and releases holds: what the collector must not remove.",
        new HoldsListCommand(session),
        new HoldsPlaceCommand(session),
        new HoldsReleaseCommand(session));
  }

  private static CommandLine retention(Session session) {
    return GroupCommand.of(
        "retention",
        "Lists, sets and clears how long the collector keeps rows beyond the window.",
        new RetentionListCommand(session),
        new RetentionSetCommand(session),
        new RetentionClearCommand(session));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "no command given: say " + String.join(", ", spec.subcommands().keySet()));
  }
}
