package io.inbox.command;

import io.inbox.error.ConfigurationException;
import io.inbox.error.InvalidMessageException;
import io.inbox.error.UsageException;

/** How the command ends. */
final class ExitCode {
  static final int OK = 0;

  /** Something was found that needs a person. */
  static final int FINDINGS = 1;

  /** The command line or the configuration is wrong; nothing was done. */
  static final int USAGE = 2;

  /** The database cannot be reached or used, its schema is wrong, or something broke. */
  static final int FAILED = 3;

  /** Another run of the same job is not over. */
  static final int HELD = 4;

  private ExitCode() {}

  static int of(Throwable error) {
    if (error instanceof CommandException ended) {
      return ended.exitCode();
    }
    // 5xx is about the server: the command line is as good as it can be.
    boolean usage =
        (error instanceof ConfigurationException wrong && !wrong.code().startsWith("IBX-5"))
            || error instanceof UsageException
            || error instanceof InvalidMessageException;
    return usage ? USAGE : FAILED;
  }
}
