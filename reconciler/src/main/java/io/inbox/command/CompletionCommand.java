package io.inbox.command;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what a shell needs to complete commands and options. */
@Command(
    name = "completion",
    description = {
      "Prints a script for bash and zsh that completes commands and options of inbox.",
      "For this shell: source <(inbox completion)"
    },
    sortOptions = false)
final class CompletionCommand extends Help implements Callable<Integer> {
  private final Session session;

  @Spec
  private @SuppressWarnings("NullAway.Init") CommandSpec spec;

  CompletionCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.out().print(AutoComplete.bash("inbox", spec.root().commandLine()));
    session.out().flush();
    return ExitCode.OK;
  }
}
