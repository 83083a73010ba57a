package io.inbox.samples.crashpoints;

import io.inbox.migrations.InboxMigrations;
import io.inbox.testkit.PostgresServer;
import io.inbox.testkit.crash.CrashConsumer;
import io.inbox.testkit.crash.CrashDatabase;
import io.inbox.testkit.crash.CrashPoints;
import io.inbox.testkit.crash.CrashReport;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The program. */
public final class CrashPointsSample {
  static final String USAGE =
      """
      mvn -q -Psample-crash-points

      Breaks a right and a wrong handler at each point of a delivery, on an embedded PostgreSQL 18.

      Exit code: 0 the right one held and the wrong one was caught, 1 not so, 2 wrong option, 3 trouble with the database.
      """;

  private static final int VIOLATED = 1;
  private static final int INPUT = 2;
  private static final int DATABASE = 3;

  private CrashPointsSample() {}

  /** Runs, and ends the process. */
  public static void main(String[] args) {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    int exitCode = run(System.out, System.err, args);
    System.out.flush();
    System.err.flush();
    // Everything is closed. After a normal exit Maven's own hooks would write behind the last line.
    Runtime.getRuntime().halt(exitCode);
  }

  /** Runs and returns the exit code. */
  static int run(PrintStream out, PrintStream err, String... args) {
    if (args.length > 0) {
      boolean help = args.length == 1 && args[0].equals("--help");
      (help ? out : err)
          .print(help ? USAGE : "error: there is no option " + args[0] + " (--help)\n");
      return help ? 0 : INPUT;
    }
    try (PostgresServer server = PostgresServer.start(PostgresServer.NEWEST)) {
      String database = server.newDatabase();
      InboxMigrations.on(server.connections(database)).migrate();
      try (Connection connection = server.connections(database).getConnection()) {
        createTables(connection);
      }
      CrashDatabase where = CrashDatabase.of(server, database);
      CrashReport right = broken(where, RightPayments::new);
      out.println(right + "\n");
      CrashReport wrong = broken(where, WrongPayments::new);
      out.println(wrong + "\n");
      return verdict(right, wrong, out);
    } catch (SQLException | IllegalStateException e) {
      err.println("error: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return DATABASE;
    }
  }

  private static CrashReport broken(CrashDatabase where, Supplier<Payments> payments) {
    Supplier<? extends CrashConsumer> consumer = payments;
    return CrashPoints.of(where, consumer)
        .prepare(CrashPointsSample::clear)
        .invariant(CrashPointsSample::bookedOnce)
        .run();
  }

  private static int verdict(CrashReport right, CrashReport wrong, PrintStream out) {
    boolean caught = !wrong.isClean();
    boolean expected = right.isClean() && caught;
    String points =
        wrong.broken().stream()
            .map(cell -> cell.point().name().replaceFirst("_.*", ""))
            .distinct()
            .collect(Collectors.joining(","));
    out.printf(
        "crash-points: %s right=%s right_cases=%d wrong=%s wrong_cases=%d wrong_broken=%d wrong_points=%s%n",
        expected ? "OK" : "VIOLATED",
        right.isClean() ? "clean" : "broken",
        right.cells().size(),
        caught ? "caught" : "missed",
        wrong.cells().size(),
        wrong.broken().size(),
        points);
    return expected ? 0 : VIOLATED;
  }

  private static void createTables(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // No unique constraint: a line that is written twice is to be seen, not to fail.
      statement.execute("CREATE TABLE journal (message_id text NOT NULL, amount bigint NOT NULL)");
      statement.execute("CREATE TABLE account (balance bigint NOT NULL)");
    }
  }

  private static void clear(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM journal");
      statement.execute("DELETE FROM account");
      statement.execute("INSERT INTO account (balance) VALUES (0)");
    }
  }

  private static void bookedOnce(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (SELECT count(*) FROM journal), (SELECT balance FROM account)")) {
      row.next();
      if (row.getLong(1) != 1 || row.getLong(2) != 7) {
        throw new AssertionError(
            "one line and a balance of 7 expected, but there are %d and %d"
                .formatted(row.getLong(1), row.getLong(2)));
      }
    }
  }
}
