package io.inbox.samples.reconcile;

import io.inbox.error.InboxException;
import io.inbox.migrations.InboxMigrations;
import io.inbox.migrations.MigrationException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;

/** The program. */
public final class ReconcileSample {
  private static final int VIOLATED = 1;
  private static final int INPUT = 2;
  private static final int DATABASE = 3;

  private ReconcileSample() {}

  /** Runs, and ends the process. */
  public static void main(String[] args) {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    Path home = Path.of(System.getProperty("reconcile.home", "target/reconcile"));
    int exitCode = run(home, System.out, System.err, args);
    System.out.flush();
    System.err.flush();
    // Everything is closed. After a normal exit Maven's own hooks would write behind the last line.
    Runtime.getRuntime().halt(exitCode);
  }

  /** Runs and returns the exit code. */
  static int run(Path home, PrintStream out, PrintStream err, String... args) {
    try {
      Options options = Options.parse(args);
      if (options.help()) {
        out.print(Options.USAGE);
        return 0;
      }
      try (Database database = Database.start(options.postgres(), home)) {
        InboxMigrations.on(database.pool()).migrate();
        return new Night(database, options, out).run() ? 0 : VIOLATED;
      }
    } catch (Options.WrongException e) {
      err.println("error: " + e.getMessage());
      return INPUT;
    } catch (InboxException | MigrationException | SQLException | IOException e) {
      err.println(
          "error: the database: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return DATABASE;
    }
  }
}
