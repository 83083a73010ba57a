package io.inbox.command;

import io.inbox.error.InboxException;
import io.inbox.spi.SqlError;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code inbox}.
 *
 * <p>Every error is one line on standard error; {@link ExitCode} says how it ends.
 */
public final class Main {
  /** How much is logged and in which form, set before the first logger exists; -D wins. */
  private static final Map<String, String> LOGGING =
      Map.of(
          "org.slf4j.simpleLogger.showDateTime", "true",
          "org.slf4j.simpleLogger.dateTimeFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
          "org.slf4j.simpleLogger.log.com.zaxxer.hikari", "warn",
          "org.slf4j.simpleLogger.log.org.jooq", "warn",
          "org.slf4j.simpleLogger.log.org.flywaydb", "error",
          "org.slf4j.simpleLogger.log.org.apache.kafka", "warn",
          "org.jooq.no-logo", "true",
          "org.jooq.no-tips", "true");

  /** A field, as java.util.logging forgets the level of a logger that nobody refers to. */
  private static final Logger DRIVER_LOG = Logger.getLogger("org.postgresql");

  private final Session session;

  Main(Session session) {
    this.session = session;
  }

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    LOGGING.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
    DRIVER_LOG.setLevel(Level.OFF); // what it has to say is in its exceptions
    StopSignal stop = new StopSignal(System.err);
    stop.listen();
    int code = ExitCode.FAILED;
    try {
      Map<String, String> environment = System.getenv();
      boolean terminal = Terminal.watched(environment);
      Session session = new Session(environment, System.in, System.out, System.err, stop, terminal);
      code = new Main(session).run(args);
    } finally {
      stop.ended(code);
    }
    System.exit(code);
  }

  int run(String... args) {
    PrintStream err = session.err();
    CommandLine line = InboxCommand.line(session, args);
    line.setOut(Text.writer(session.out()));
    line.setErr(Text.writer(err));
    line.setParameterExceptionHandler((wrong, words) -> refuse(wrong));
    line.setExecutionExceptionHandler((error, command, parsed) -> fail(error));
    return line.execute(args);
  }

  private int refuse(ParameterException wrong) {
    String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
    session
        .err()
        .println(
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
    List<String> lines =
        error instanceof CommandException known
            ? known.lines()
            : List.of(String.valueOf(message(error)));
    lines.forEach(line -> session.err().println("error: " + Text.oneLine(line)));
    return ExitCode.of(error);
  }

  private static @Nullable String message(Exception error) {
    if (error instanceof InboxException || error instanceof CommandException) {
      return error.getMessage();
    }
    return SqlError.in(error).map(Main::message).orElse("unexpected " + error + at(error));
  }

  /** What the database refused, of the statements of the command itself. */
  private static String message(SQLException error) {
    String state = ", SQLSTATE " + error.getSQLState();
    return switch (SqlError.of(error)) {
      case UNAVAILABLE -> "the database was lost: " + error.getMessage() + " (try again)";
      case SCHEMA ->
          "IBX-513: a table or column of Inbox is missing, or this login may not use it"
              + state
              + ": "
              + error.getMessage()
              + " (run inbox migrate, or grant the login a role)";
      case CANCELLED, LOCK_TIMEOUT ->
          "the database took too long" + state + " (try again, or raise --timeout)";
      default -> "the database refused a statement" + state + ": " + error.getMessage();
    };
  }

  /** One line has no room for a stack trace; its top is what a report of the bug needs most. */
  private static String at(Exception error) {
    StackTraceElement[] trace = error.getStackTrace();
    return trace.length == 0 ? "" : " at " + trace[0] + " (report it as a bug)";
  }
}
