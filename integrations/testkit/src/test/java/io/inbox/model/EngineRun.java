package io.inbox.model;

import io.inbox.Inbox;
import io.inbox.Message;
import io.inbox.Outcome;
import io.inbox.RetryPolicy;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.model.MemoryDatabase.Killed;
import io.inbox.model.MemoryDatabase.Worker;
import io.inbox.spi.Transactions;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import javax.sql.DataSource;

/**
 * Some workers that hand deliveries of one message to the library's engine, over a database in
 * memory and under the scheduler. The transactions are those of the library, on connections of the
 * database.
 */
final class EngineRun implements AutoCloseable {
  private static final ThreadLocal<Worker> WORKER = new ThreadLocal<>();

  private final Scheduler scheduler;
  private final int workers;
  private final int copies;
  private final Inbox inbox;
  private MemoryDatabase database;
  private int[] deliveries = {};
  private boolean[] queued = {};
  private boolean[] acknowledged = {};
  private final List<Integer> course = new ArrayList<>();

  EngineRun(Scheduler scheduler, int workers, int copies, int maxAttempts, EngineMutant mutant) {
    this.scheduler = scheduler;
    this.workers = workers;
    this.copies = copies;
    MemoryStore store = new MemoryStore(mutant);
    Transactions transactions = JdbcTransactions.on(connections());
    this.database = new MemoryDatabase(scheduler, 0, mutant, () -> {});
    List<Inbox> built = new ArrayList<>();
    scheduler.run(
        0,
        List.of(
            () -> {
              WORKER.set(new Worker());
              built.add(
                  Inbox.builder("model", store, transactions)
                      .retry(RetryPolicy.builder().maxAttempts(maxAttempts).build())
                      .build());
            }),
        () -> 0,
        () -> {});
    this.inbox = built.get(0);
  }

  private DataSource connections() {
    return (DataSource)
        Proxy.newProxyInstance(
            EngineRun.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getConnection")) {
                return MemoryStore.connection(database.connect(WORKER.get()));
              }
              throw new UnsupportedOperationException(method.toString());
            });
  }

  /**
   * What a run showed.
   *
   * @param ended whether all came to their end
   * @param course what anybody could see, from change to change
   */
  record Shown(boolean ended, List<Integer> course) {}

  Shown run(long seed, int faults, EngineMutant mutant) {
    database = new MemoryDatabase(scheduler, faults, mutant, this::look);
    deliveries = new int[copies];
    queued = new boolean[copies];
    acknowledged = new boolean[copies];
    Arrays.fill(queued, true);
    course.clear();
    look();
    boolean ended =
        scheduler.run(
            seed,
            IntStream.range(0, workers).<Runnable>mapToObj(i -> this::work).toList(),
            database::events,
            database::event);
    return new Shown(ended && !database.locked(), List.copyOf(course));
  }

  private void look() {
    int count = 0;
    for (boolean each : acknowledged) {
      count += each ? 1 : 0;
    }
    int seen =
        ClaimModel.seen(database.row, database.effects, database.attempts, database.letters, count);
    if (course.isEmpty() || course.get(course.size() - 1) != seen) {
      course.add(seen);
    }
  }

  private void work() {
    while (true) {
      scheduler.point(() -> next() >= 0 || left() == 0);
      int copy = next();
      if (copy < 0) {
        return;
      }
      queued[copy] = false;
      Worker me = new Worker();
      WORKER.set(me);
      boolean done = deliver(copy) && !me.killed();
      if (done) {
        scheduler.point(() -> true);
        done = !database.strikes(12); // the worker is killed, or its word is lost
      }
      if (done) {
        acknowledged[copy] = true;
        look();
      } else {
        queued[copy] = true;
      }
    }
  }

  private int next() {
    for (int copy = 0; copy < copies; copy++) {
      if (queued[copy]) {
        return copy;
      }
    }
    return -1;
  }

  private int left() {
    int left = 0;
    for (boolean each : acknowledged) {
      left += each ? 0 : 1;
    }
    return left;
  }

  private boolean deliver(int copy) {
    Message message =
        Message.builder("m-1").payload(new byte[0]).deliveryCount(++deliveries[copy]).build();
    try {
      Outcome<?> outcome = inbox.process(message, tx -> handle(tx.connection()));
      return outcome.acknowledge();
    } catch (Killed e) {
      return false;
    }
  }

  private void handle(Connection connection) throws SQLException {
    int how = scheduler.choose(6);
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("INSERT INTO effect VALUES (1)");
    } catch (SQLException e) {
      if (how > 0) {
        throw e;
      }
    }
    if (how == 1 || how == 2) {
      throw new IllegalStateException("refused");
    }
  }

  @Override
  public void close() {
    inbox.close();
  }
}
