package io.inbox.samples.crash;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.error.InboxException;
import io.inbox.jdbc.PortableStore;
import io.inbox.migrations.InboxMigrations;
import io.inbox.migrations.MigrationException;
import io.inbox.testkit.crash.CrashPoints;
import io.inbox.testkit.crash.CrashPoints.MessageHandler;
import io.inbox.testkit.crash.CrashReport;
import io.inbox.testkit.fault.FaultPoint;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** The program. */
public final class CrashPointsSample {
  private static final int VIOLATED = 1;
  private static final int DATABASE = 3;

  /** Where a handler that writes on another connection is caught. */
  private static final Set<FaultPoint> ROLLED_BACK =
      Set.of(FaultPoint.P5_HANDLING, FaultPoint.P7_GUARDING, FaultPoint.P8_COMMITTING);

  private CrashPointsSample() {}

  /** Runs, and ends the process. */
  public static void main(String[] args) {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    int exitCode = run(System.out, System.err);
    System.out.flush();
    System.err.flush();
    // Everything is closed. After a normal exit Maven's own hooks would write behind the last line.
    Runtime.getRuntime().halt(exitCode);
  }

  /** Runs and returns the exit code. */
  static int run(PrintStream out, PrintStream err) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    try (HikariDataSource pool = new HikariDataSource(config)) {
      InboxMigrations.on(pool).migrate();
      Payments payments = new Payments(pool);
      payments.createTables();
      return judge(
              fail(pool, "wrong", payments::wrong, out),
              fail(pool, "right", payments::right, out),
              out)
          ? 0
          : VIOLATED;
    } catch (InboxException | MigrationException | SQLException e) {
      err.println(
          "error: the database: " + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return DATABASE;
    }
  }

  private static CrashReport fail(
      DataSource pool, String consumer, MessageHandler handler, PrintStream out) {
    CrashReport report =
        CrashPoints.on(pool, PortableStore.create())
            .consumer(consumer)
            .handler(handler)
            .invariant(Payments::bothOnce)
            .run();
    out.println(report);
    out.println();
    return report;
  }

  /** Returns whether both came out as they must, and says so in the last line. */
  static boolean judge(CrashReport wrong, CrashReport right, PrintStream out) {
    Set<FaultPoint> caught =
        wrong.failures().stream()
            .flatMap(course -> course.place().stream())
            .map(place -> place.point())
            .collect(Collectors.toCollection(TreeSet::new));
    boolean ok =
        caught.equals(ROLLED_BACK) && right.failures().isEmpty() && right.courses().size() > 1;
    out.printf(
        "crash-points: %s courses=%d wrong=%d right=%d caught-at=%s%n",
        ok ? "OK" : "VIOLATED",
        right.courses().size(),
        wrong.failures().size(),
        right.failures().size(),
        caught.stream().map(FaultPoint::name).collect(Collectors.joining(",")));
    return ok;
  }
}
