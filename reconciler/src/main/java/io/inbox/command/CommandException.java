package io.inbox.command;

import org.jspecify.annotations.Nullable;

/** Ends the command with one line on standard error. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandException(int exitCode, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** The command line, or what it names, is wrong. */
  public static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message, null);
  }

  /** A file, folder or variable that the command line names cannot be used. */
  public static CommandException usage(String message, Throwable cause) {
    return new CommandException(ExitCode.USAGE, message, cause);
  }

  /** The command line is right, and the work cannot be done. */
  public static CommandException failed(String message, @Nullable Throwable cause) {
    return new CommandException(ExitCode.FAILED, message, cause);
  }

  /** Another run of the same job is under way. */
  static CommandException held(String message) {
    return new CommandException(ExitCode.HELD, message, null);
  }

  /** Returns how the program ends because of it. */
  public int exitCode() {
    return exitCode;
  }
}
