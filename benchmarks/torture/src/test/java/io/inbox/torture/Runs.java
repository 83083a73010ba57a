package io.inbox.torture;

import io.inbox.torture.database.Database;
import io.inbox.torture.driver.Driver;
import io.inbox.torture.driver.Verdict;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.plan.Mode;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.worker.Wiring;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Runs of the tests. */
final class Runs {
  static final Path HOME = Path.of(System.getProperty("torture.home", "target/torture"));

  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);

  private Runs() {}

  /**
   * Runs with workers that are threads of this process: quick to start, and nobody can kill them.
   */
  static Verdict here(
      String name,
      Database database,
      int deliveries,
      long seed,
      List<Fault> faults,
      Class<? extends Wiring> wiring)
      throws Exception {
    return new Driver(
            new Driver.Run(
                Plan.of(Wiring.of(wiring.getName()).mode(), seed, deliveries),
                seed,
                faults,
                false,
                1,
                false,
                8,
                wiring.getName(),
                patience(wiring),
                HOME.resolve(name)),
            database,
            NOWHERE)
        .run();
  }

  /** Runs with worker processes. */
  static Verdict inProcesses(
      String name,
      Database database,
      Plan plan,
      long seed,
      List<Fault> faults,
      boolean oneByOne,
      int workers,
      Class<? extends Wiring> wiring)
      throws Exception {
    return new Driver(
            new Driver.Run(
                plan,
                seed,
                faults,
                oneByOne,
                workers,
                true,
                4,
                wiring.getName(),
                patience(wiring),
                HOME.resolve(name)),
            database,
            NOWHERE)
        .run();
  }

  /** What is wrong need not be waited for. */
  private static Duration patience(Class<? extends Wiring> wiring) {
    boolean right = Arrays.stream(Mode.values()).anyMatch(mode -> Wiring.of(mode) == wiring);
    return right ? Duration.ofMinutes(4) : Duration.ofSeconds(8);
  }

  /** Returns everything that is known about a run, for the message of a test that fails. */
  static String told(Verdict verdict) {
    return verdict.report().stream().collect(Collectors.joining("\n", "\n", "\n"))
        + String.join("\n", verdict.faults())
        + "\n"
        + verdict.line();
  }
}
