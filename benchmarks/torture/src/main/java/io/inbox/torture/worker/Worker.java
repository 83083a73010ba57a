package io.inbox.torture.worker;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.inbox.Fingerprint;
import io.inbox.Inbox;
import io.inbox.error.RetryLaterException;
import io.inbox.jdbc.PortableStore;
import io.inbox.outbox.Publisher;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Store;
import io.inbox.testkit.fault.ChildJvm;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints;
import io.inbox.torture.check.Evidence;
import io.inbox.torture.plan.Group;
import io.inbox.torture.plan.Plan;
import io.inbox.torture.wire.Answer;
import io.inbox.torture.wire.Instruction;
import io.inbox.torture.wire.Order;
import io.inbox.torture.wire.Saying;
import io.inbox.torture.wire.Setting;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer and relay process: takes deliveries from the driver, handles each through the library,
 * answers what became of it. It holds nothing that matters and may be killed at any moment.
 */
public final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final int FAILURES_WRITTEN_DOWN = 5;
  private static final int SPARE_CONNECTIONS = 10;

  private final Lines lines;
  private final Setting setting;
  private final boolean alone;
  private final Wiring wiring;
  private final boolean postgres;
  private final Plan plan;
  private final HikariDataSource pool;
  private final DataSource dataSource;
  private final Aims aims;
  private final LostRace lostRace;
  private final Booking booking;
  private final ExecutorService threads;

  private Worker(Lines lines, Setting setting, boolean alone) {
    this.lines = lines;
    this.setting = setting;
    this.alone = alone;
    this.wiring = Wiring.of(setting.wiring());
    this.postgres = setting.url().startsWith("jdbc:postgresql:");
    this.plan = Plan.of(wiring.mode(), setting.seed(), 0);
    this.pool = pool();
    this.dataSource = postgres ? pool : OneAtATime.on(pool);
    this.aims = new Aims(lines, new Sessions(dataSource));
    this.lostRace = new LostRace(dataSource, postgres);
    this.booking =
        new Booking(plan, postgres, setting.worker(), aims, lines, new Faulty(lostRace, lines));
    this.threads = Executors.newFixedThreadPool(setting.threads());
  }

  /** Runs a worker that ends with its parent; the arguments are the driver's port and a number. */
  public static void main(String[] args) throws IOException {
    ChildJvm.haltWithoutParent();
    run(Integer.parseInt(args[0]), Integer.parseInt(args[1]), true);
    Runtime.getRuntime().halt(0);
  }

  /**
   * Runs a worker until the driver ends it or is gone.
   *
   * @param alone whether this process is the worker's alone
   */
  public static void run(int port, int number, boolean alone) throws IOException {
    try (Lines lines = new Lines(port, number)) {
      new Worker(lines, lines.setting(), alone).work();
    }
  }

  private HikariDataSource pool() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(wiring.url(setting.url()));
    config.setMaximumPoolSize(setting.threads() + SPARE_CONNECTIONS);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(5_000);
    config.setValidationTimeout(1_000);
    config.setInitializationFailTimeout(-1);
    // Else HikariCP asks its first connection, once; if that is cut, no later one can be used.
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    if (!postgres) {
      config.setExceptionOverrideClassName(DeadSessions.class.getName());
    }
    return new HikariDataSource(config);
  }

  private void work() throws IOException {
    Store plain = wiring.store(postgres ? PostgresStore.create() : PortableStore.create());
    Store store = FaultPoints.store(plain, aims);
    try (pool;
        Inboxes inboxes = inboxes(store)) {
      Way way = way(inboxes);
      Publisher publisher = new ToReceiver(setting.worker(), setting.receiver(), aims);
      AutoCloseable relay = patiently(() -> wiring.relay(store, dataSource, publisher, setting));
      AutoCloseable jobs = patiently(() -> wiring.jobs(plain, dataSource, setting));
      try {
        lines.say(new Saying.Ready());
        obey(way, jobs);
      } finally {
        jobs.close();
        relay.close();
      }
      lines.say(new Saying.Ended());
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      LOG.error("Cannot work", e);
      lines.say(new Saying.Unable(first(String.valueOf(e))));
    } finally {
      threads.shutdownNow();
    }
  }

  private Way way(Inboxes inboxes) {
    return switch (wiring.mode()) {
      case KEYS, BUCKETS, SHARED -> new ByKey(inboxes, booking);
      case QUERIES -> new ByQuery(inboxes, plan, booking);
      case WATERMARKS -> new ByPosition(inboxes, booking);
    };
  }

  private Inboxes inboxes(Store store) {
    Map<String, Inbox> inboxes = new HashMap<>();
    DataSource observed = FaultPoints.dataSource(dataSource, aims);
    for (String consumer : Group.CONSUMERS) {
      Inbox.Builder builder =
          Inbox.builder(
                  consumer, store, FaultPoints.transactions(wiring.transactions(observed), aims))
              .fingerprint(Fingerprint.ofPayload())
              .wait(Duration.ofSeconds(1))
              .listener(FaultPoints.listener(aims))
              .listener(new Deadlocks(lines, postgres));
      inboxes.put(consumer, patiently(wiring.inbox(builder)::build));
    }
    return new Inboxes(inboxes);
  }

  /** A database that is away for the moment is waited for; one that stays away is written down. */
  private static <T> T patiently(Supplier<T> start) {
    for (int failures = 1; ; failures++) {
      try {
        return start.get();
      } catch (RetryLaterException e) {
        if (failures % FAILURES_WRITTEN_DOWN == 0) {
          LOG.warn("Cannot start, {} times now", failures, e);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      }
    }
  }

  private void obey(Way way, AutoCloseable jobs) throws Exception {
    while (true) {
      Order order = lines.next();
      if (order instanceof Order.Task task) {
        threads.execute(() -> handle(way, task));
      } else if (order instanceof Order.AimRelay aim) {
        aims.aimRelay(aim.aim());
      } else if (order instanceof Order.GoOn goOn) {
        aims.goOn(goOn);
      } else if (order instanceof Order.Look look) {
        if (look.id() == Evidence.LAST_LOOK) {
          jobs.close(); // else they may be at work, and hold connections
        }
        threads.execute(() -> lines.say(Health.of(look.id(), alone, pool)));
      } else {
        threads.shutdown();
        threads.awaitTermination(1, TimeUnit.MINUTES);
        return;
      }
    }
  }

  private void handle(Way way, Order.Task task) {
    TaskRun run = new TaskRun(task, plan, Instant.ofEpochMilli(setting.startedMillis()));
    aims.aim(task.aim());
    try {
      aims.reached(FaultPoint.P0_RECEIVED, null);
      if (wiring.acknowledgesFirst()) {
        Answer early = new Answer(Answer.Kind.PROCESSED, 0, "acknowledged before it was handled");
        lines.say(new Saying.Done(run.id(), Collections.nCopies(run.messages().size(), early)));
      }
      List<Answer> answers =
          run.has(Instruction.SERIALIZATION) ? racing(way, run) : answers(way, run);
      if (!wiring.acknowledgesFirst()) {
        lines.say(new Saying.Done(run.id(), answers));
      }
      aims.reached(FaultPoint.P11_ACKNOWLEDGED, null);
    } catch (SQLException e) {
      throw new IllegalStateException("nobody throws that here", e);
    } finally {
      aims.aim(null);
    }
  }

  private List<Answer> racing(Way way, TaskRun run) {
    try {
      lostRace.prepare();
    } catch (SQLException e) {
      lostRace.end();
      return Collections.nCopies(run.messages().size(), thrown(e));
    }
    try {
      return answers(way, run);
    } finally {
      lostRace.end();
    }
  }

  private static Answer thrown(Throwable thrown) {
    return new Answer(Answer.Kind.THREW, 50, first(String.valueOf(thrown)));
  }

  private static List<Answer> answers(Way way, TaskRun run) {
    try {
      return way.handle(run);
    } catch (RuntimeException | Error e) {
      return Collections.nCopies(run.messages().size(), thrown(e));
    }
  }

  static String first(String text) {
    String line = text.lines().findFirst().orElse("");
    return line.length() > 300 ? line.substring(0, 300) : line;
  }
}
