package io.inbox.command;

import io.inbox.error.InboxException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code inbox}.
 *
 * <p>Every error is one line on standard error. Exit code 0 means done, 2 that the command line or
 * the configuration is wrong, 3 that the database cannot be used.
 */
public final class Main {
  /** How much is logged and in which form, set before the first logger exists; -D wins. */
  private static final Map<String, String> LOGGING =
      Map.of(
          "org.slf4j.simpleLogger.showDateTime", "true",
          "org.slf4j.simpleLogger.dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
          "org.slf4j.simpleLogger.log.com.zaxxer.hikari", "warn",
          "org.slf4j.simpleLogger.log.org.jooq", "warn",
          "org.slf4j.simpleLogger.log.org.apache.kafka", "warn",
          "org.jooq.no-logo", "true",
          "org.jooq.no-tips", "true");

  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;
  private final StopSignal stop;

  Main(Map<String, String> environment, PrintStream out, PrintStream err, StopSignal stop) {
    this.environment = environment;
    this.out = out;
    this.err = err;
    this.stop = stop;
  }

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    LOGGING.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
    StopSignal stop = new StopSignal(System.err);
    stop.listen();
    int code = ExitCode.FAILED;
    try {
      code = new Main(System.getenv(), System.out, System.err, stop).run(args);
    } finally {
      stop.ended(code);
    }
    System.exit(code);
  }

  int run(String... args) {
    CommandLine line = new CommandLine(new InboxCommand());
    line.addSubcommand(new RelayCommand(environment, stop));
    line.setOut(Text.writer(out));
    line.setErr(Text.writer(err));
    line.setParameterExceptionHandler((wrong, words) -> refuse(wrong));
    line.setExecutionExceptionHandler((error, command, parsed) -> fail(error));
    return line.execute(args);
  }

  private int refuse(ParameterException wrong) {
    String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
    err.println(
        "error: "
            + Text.oneLine(wrong.getMessage())
            + suggestion(wrong)
            + " ("
            + command
            + " --help shows the options)");
    return ExitCode.USAGE;
  }

  private static String suggestion(ParameterException wrong) {
    List<String> near =
        wrong instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    return near.isEmpty() ? "" : "; did you mean " + near.get(0) + "?";
  }

  private int fail(Exception error) {
    String message =
        error instanceof InboxException || error instanceof CommandException
            ? error.getMessage()
            : "unexpected " + error + at(error);
    err.println("error: " + Text.oneLine(message));
    return ExitCode.of(error);
  }

  /** One line has no room for a stack trace; its top is what a report of the bug needs most. */
  private static String at(Exception error) {
    StackTraceElement[] trace = error.getStackTrace();
    return trace.length == 0 ? "" : " at " + trace[0] + " (report it as a bug)";
  }
}
