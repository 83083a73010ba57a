package io.inbox.torture.driver;

import io.inbox.torture.check.Checker;
import io.inbox.torture.check.Evidence;
import io.inbox.torture.check.Invariant;
import io.inbox.torture.check.ModeNotes;
import io.inbox.torture.database.Database;
import io.inbox.torture.fault.Fault;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.wire.Setting;
import io.inbox.torture.worker.Wiring;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Runs one run, from an empty database to its verdict. */
public final class Driver {
  private static final Duration LEASE = Duration.ofSeconds(2);
  private final Run run;
  private final Database database;
  private final PrintStream out;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

  /** Creates one; nothing happens yet. */
  public Driver(Run run, Database database, PrintStream out) {
    this.run = run;
    this.database = database;
    this.out = out;
  }

  /**
   * What is to be run.
   *
   * @param plan what is sent
   * @param seed of the plan
   * @param faults what goes wrong
   * @param oneByOne whether each fault strikes only when the one before is over
   * @param workers how many there are
   * @param processes whether they are processes
   * @param threads how many threads each has
   * @param wiring the class that puts the library together
   * @param patience how long nothing may be settled or published before the run is given up
   * @param home where journals and logs go
   */
  public record Run(
      Plan plan,
      long seed,
      List<Fault> faults,
      boolean oneByOne,
      int workers,
      boolean processes,
      int threads,
      String wiring,
      Duration patience,
      Path home) {}

  /** Runs it, in the database that is empty and is left as it is then. */
  public Verdict run() throws IOException, SQLException, InterruptedException {
    long start = System.nanoTime();
    Files.createDirectories(run.home);
    Evidence evidence;
    long given;
    Map<Invariant, List<String>> violations;
    Wiring.of(run.wiring).prepare(database.connections());
    Backlog backlog = Backlog.of(run.plan);
    try (Journal handled = Journal.open(run.home.resolve("handled.journal"));
        Journal acknowledged = Journal.open(run.home.resolve("acknowledged.journal"));
        Journal published = Journal.open(run.home.resolve("published.journal"))) {
      evidence =
          new Evidence(
              run.plan,
              backlog.cursor(),
              Wiring.of(run.wiring),
              database.connections(),
              database.server().isPresent(),
              run.oneByOne,
              new Evidence.Files(acknowledged.file(), published.file(), handled.file()),
              handled::add);
      given = deliver(backlog, evidence, acknowledged, published);
    }
    violations = check(evidence);
    return new Verdict(
        database.name(),
        run,
        evidence,
        given,
        violations,
        Duration.ofNanos(System.nanoTime() - start));
  }

  private long deliver(Backlog backlog, Evidence evidence, Journal acknowledged, Journal published)
      throws IOException, InterruptedException {
    Receiver receiver = new Receiver(published);
    Setting setting =
        new Setting(
            0,
            run.seed,
            "",
            run.threads,
            receiver.port(),
            LEASE,
            System.currentTimeMillis(),
            run.wiring);
    Administrator administrator = new Administrator(database);
    try (receiver;
        Crew crew = new Crew(new Crew.Outfit(setting, run.processes, run.home), database, events);
        Strikes strikes =
            new Strikes(
                run.faults,
                new PointFaults(administrator, receiver, LEASE),
                new RunningFaults(administrator, receiver, LEASE),
                crew,
                evidence,
                run.oneByOne,
                events)) {
      crew.start(run.workers);
      Broker broker =
          new Broker(backlog, crew, strikes, acknowledged, evidence, run.threads, events, out);
      if (broker.run(run.patience)) {
        drain(broker, crew, evidence);
      } else {
        evidence.stuck("nothing was settled any more: " + broker.progress() + "; " + crew);
        crew.dumpThreads();
      }
      return broker.given();
    }
  }

  /** Waits until everything is published and the workers have nothing to do, and ends them. */
  private void drain(Broker broker, Crew crew, Evidence evidence)
      throws IOException, InterruptedException {
    long least = Long.MAX_VALUE;
    long lastSeen = System.nanoTime();
    int idle = 0;
    for (long look = 1; ; look++) {
      long left = broker.askAll(look) ? evidence.backlog(look) : Long.MAX_VALUE;
      if (left == 0) {
        break;
      }
      if (left < least) {
        least = left;
        lastSeen = System.nanoTime();
        idle = 0;
      }
      // One look may wait long for a worker that is just being started again.
      if (++idle > 1 && System.nanoTime() - lastSeen > run.patience.toNanos()) {
        evidence.stuck("the outbox did not run empty; " + evidence.lastSeen() + "; " + crew);
        crew.dumpThreads();
        return;
      }
      broker.listenFor(200);
    }
    broker.askAll(Evidence.LAST_LOOK);
    if (!broker.endAll()) {
      evidence.stuck("a worker did not end in good order");
    }
  }

  private static Map<Invariant, List<String>> check(Evidence evidence)
      throws SQLException, IOException {
    Map<Invariant, List<String>> violations = new EnumMap<>(Invariant.class);
    ModeNotes.take(evidence);
    for (Checker checker : Checker.all(evidence.plan().mode())) {
      violations.put(checker.invariant(), checker.violations(evidence));
    }
    return violations;
  }
}
