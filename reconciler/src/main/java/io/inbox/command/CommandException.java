package io.inbox.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends the command with one line on standard error, or with one for each mistake. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final boolean manyLines;

  private CommandException(int exitCode, String message, @Nullable Throwable cause) {
    this(exitCode, message, cause, false);
  }

  private CommandException(
      int exitCode, String message, @Nullable Throwable cause, boolean manyLines) {
    super(message, cause);
    this.exitCode = exitCode;
    this.manyLines = manyLines;
  }

  /** What the command line names has mistakes, each of them a line. */
  public static CommandException usage(List<String> mistakes) {
    return new CommandException(ExitCode.USAGE, String.join("\n", mistakes), null, true);
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

  /** Returns what to say, line by line. */
  List<String> lines() {
    String message = String.valueOf(getMessage());
    return manyLines ? message.lines().toList() : List.of(message);
  }

  /** Returns how the program ends because of it. */
  public int exitCode() {
    return exitCode;
  }
}
