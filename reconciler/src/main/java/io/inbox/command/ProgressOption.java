package io.inbox.command;

import io.inbox.command.output.Progress;
import picocli.CommandLine.Option;

/** Whether to tell how far a job has come. */
final class ProgressOption {
  @Option(
      names = {"-q", "--quiet"},
      description =
          "tell nothing of the progress; by default a bar on a terminal, else a line every 30 s")
  private boolean quiet;

  Progress progress(Session session) {
    return new Progress(session.err(), session.terminal(), quiet);
  }
}
