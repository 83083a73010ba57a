package io.inbox.torture;

import io.inbox.torture.database.Database;
import io.inbox.torture.driver.Driver;
import io.inbox.torture.driver.Verdict;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.fault.FaultKind;
import io.inbox.torture.fault.Schedule;
import io.inbox.torture.plan.Mode;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.soak.Soak;
import io.inbox.torture.worker.Wiring;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The program: a random run over as many deliveries as it is told, or a long one without faults.
 */
public final class Torture {
  private static final int WRONG = 2;
  private static final int FAULT_ONE_IN = 1_000;
  private static final int THREADS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private Torture() {}

  /** Runs with the options given and ends the JVM; the exit code says how it went. */
  public static void main(String[] args) {
    System.setProperty("org.jooq.no-logo", "true");
    System.setProperty("org.jooq.no-tips", "true");
    int exit = run(args, System.out);
    System.out.flush();
    // After a normal exit Maven's own hooks would write behind the last line.
    Runtime.getRuntime().halt(exit);
  }

  /** Runs and returns the exit code. */
  static int run(String[] args, PrintStream out) {
    try {
      Options options = Options.parse(args, System.nanoTime() & Integer.MAX_VALUE);
      if (options.help()) {
        out.print(Options.USAGE);
        return 0;
      }
      return options.soak().isZero() ? run(options, out) : soak(options, out);
    } catch (Options.WrongOption e) {
      out.println("torture: " + e.getMessage());
      return WRONG;
    } catch (IOException | SQLException e) {
      out.println("torture: could not run: " + e);
      return WRONG;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      out.println("torture: interrupted");
      return WRONG;
    }
  }

  private static int soak(Options options, PrintStream out)
      throws IOException, SQLException, InterruptedException {
    boolean holds =
        Soak.run(options.soak(), options.database(), options.seed(), home().resolve("soak"), out);
    return holds ? 0 : 1;
  }

  private static Path home() {
    return Path.of(System.getProperty("torture.home", "target/torture"));
  }

  private static int run(Options options, PrintStream out)
      throws IOException, SQLException, InterruptedException {
    Driver.Run run = of(options);
    out.printf(
        "%,d deliveries on %s by %s, %d faults of %d kinds, seed %d%n",
        options.deliveries(),
        options.database(),
        Options.name(options.mode()),
        run.faults().size(),
        run.faults().stream().map(Fault::kind).distinct().count(),
        options.seed());
    Verdict verdict;
    try (Database database = Database.open(options.database(), run.home())) {
      verdict = new Driver(run, database, out).run();
    }
    List<String> lines = new ArrayList<>(verdict.report());
    lines.forEach(out::println);
    lines.add("Every fault, in the order in which they were over:");
    lines.addAll(verdict.faults());
    lines.add(verdict.line());
    Files.write(run.home().resolve("report.txt"), lines);
    out.println("The whole report is " + run.home().resolve("report.txt"));
    out.println(verdict.line());
    return verdict.holds() ? 0 : 1;
  }

  /** Returns the random run that options ask for. */
  static Driver.Run of(Options options) {
    List<FaultKind> kinds = FaultKind.of(!options.database().equals("h2"));
    int faults =
        options.faults() >= 0
            ? options.faults()
            : Math.max(options.deliveries() / FAULT_ONE_IN, kinds.size());
    String mode = options.mode() == Mode.KEYS ? "" : "-" + Options.name(options.mode());
    Path home = home().resolve(options.database() + mode + "-" + options.seed());
    return new Driver.Run(
        Plan.of(options.mode(), options.seed(), options.deliveries()),
        options.seed(),
        Schedule.random(options.seed(), kinds, options.deliveries(), faults),
        false,
        options.workers(),
        true,
        THREADS,
        Wiring.of(options.mode()).getName(),
        PATIENCE,
        home);
  }
}
