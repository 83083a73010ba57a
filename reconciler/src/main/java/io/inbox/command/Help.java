package io.inbox.command;

import picocli.CommandLine.Option;

/** What every command has. */
abstract class Help {
  static final String EXIT_CODES =
      "Exit codes: 0 done, 2 wrong usage or configuration, 3 database unreachable or schema wrong";

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "prints this")
  @SuppressWarnings("UnusedVariable") // picocli reads it
  private boolean help;
}
