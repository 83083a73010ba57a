package io.inbox.command;

import picocli.CommandLine.Option;

/** What every command has. */
abstract class Help {
  static final String EXIT_CODES =
      "Exit codes: 0 done and clean, 1 something needs a person, 2 wrong usage or configuration, 3 database unreachable or schema wrong, 4 another run of the job is not over";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "prints this")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;
}
