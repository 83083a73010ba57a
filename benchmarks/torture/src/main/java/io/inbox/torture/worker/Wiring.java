package io.inbox.torture.worker;

import io.inbox.Inbox;
import io.inbox.RetryPolicy;
import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.reconciler.Collector;
import io.inbox.reconciler.Effects;
import io.inbox.reconciler.JobOptions;
import io.inbox.reconciler.PairCheck;
import io.inbox.reconciler.Reconciler;
import io.inbox.reconciler.Schedule;
import io.inbox.reconciler.ScheduledJob;
import io.inbox.reconciler.spi.Check;
import io.inbox.spi.Store;
import io.inbox.spi.Transactions;
import io.inbox.torture.check.Housekeeping;
import io.inbox.torture.plan.Aged;
import io.inbox.torture.plan.Group;
import io.inbox.torture.plan.Mode;
import io.inbox.torture.wire.Setting;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * How the library is put together: as it is meant to be. The base of those that get something wrong
 * on purpose, to see whether the checkers notice.
 */
public class Wiring implements Housekeeping {
  private static final int ATTEMPTS = 6;
  private static final RetryPolicy RETRY =
      RetryPolicy.builder()
          .maxAttempts(ATTEMPTS)
          .maxDeliveries(10_000)
          .initialBackoff(Duration.ofMillis(20))
          .maxBackoff(Duration.ofMillis(500))
          .build();

  /** Creates the right one. */
  public Wiring() {}

  /** Creates one by the name of its class. */
  public static Wiring of(String name) {
    try {
      return Class.forName(name).asSubclass(Wiring.class).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("no wiring: " + name, e);
    }
  }

  /** Returns the right one for a mode. */
  public static Class<? extends Wiring> of(Mode mode) {
    return switch (mode) {
      case KEYS -> Wiring.class;
      case BUCKETS -> BucketsWiring.class;
      case SHARED -> SharedWiring.class;
      case QUERIES -> QueriesWiring.class;
      case WATERMARKS -> WatermarksWiring.class;
    };
  }

  /** Returns the mode of the consumers. */
  public Mode mode() {
    return Mode.KEYS;
  }

  /** Prepares the database, which has the tables, and nobody works on. */
  public void prepare(DataSource dataSource) throws SQLException, IOException {
    // Nothing is missing.
  }

  /** Returns the URL to connect to. */
  public String url(String url) {
    return url;
  }

  /** Returns the store that inboxes and relays use. */
  public Store store(Store store) {
    return store;
  }

  /** Returns what runs the transactions of the inboxes. */
  public Transactions transactions(DataSource dataSource) {
    return JdbcTransactions.on(dataSource);
  }

  /** Sets the options of an inbox. */
  public Inbox.Builder inbox(Inbox.Builder builder) {
    return builder.retry(RETRY);
  }

  /** Returns whether a worker acknowledges before it handles. */
  public boolean acknowledgesFirst() {
    return false;
  }

  @Override
  public List<Check> checks(@Nullable Duration reach) {
    return Group.CONSUMERS.stream().<Check>map(consumer -> check(consumer, reach).build()).toList();
  }

  /** Returns what compares the messages of one consumer with their effects. */
  protected PairCheck.Builder check(String consumer, @Nullable Duration reach) {
    return PairCheck.byMessageId(
            consumer,
            consumer,
            Effects.select(
                """
                SELECT message_id AS "key", tenant AS "tenant", source AS "source" FROM applied
                WHERE consumer = '%s' AND applied_at >= :from AND applied_at < :to"""
                    .formatted(consumer)))
        .slack(Duration.ofSeconds(10))
        .reach(reach);
  }

  @Override
  public Collector.Builder collector(Store store, DataSource dataSource) {
    return Collector.builder(store, dataSource)
        .margin(Aged.MARGIN)
        .batchTarget(Duration.ofMillis(10));
  }

  /** Starts the jobs that run beside the deliveries, each on one worker at a time. */
  public AutoCloseable jobs(Store store, DataSource dataSource, Setting setting) {
    String owner = "w" + setting.worker();
    ScheduledJob collector =
        collector(store, dataSource)
            .lease(setting.lease())
            .owner(owner)
            .build()
            .schedule(Schedule.every(Duration.ofSeconds(1)));
    List<Check> checks = checks(Duration.ofMinutes(1));
    if (checks.isEmpty()) {
      return collector;
    }
    ScheduledJob reconciler =
        Reconciler.builder(store, dataSource)
            .withoutBuiltInChecks()
            .checks(checks)
            .settle(Duration.ofMillis(500))
            .jobOptions(JobOptions.builder().lease(setting.lease()).owner(owner).build())
            .build()
            .schedule(Schedule.every(Duration.ofSeconds(2)));
    return () -> {
      reconciler.close();
      collector.close();
    };
  }

  /** Starts what publishes. */
  public AutoCloseable relay(
      Store store, DataSource dataSource, Publisher publisher, Setting setting) {
    return Relay.builder(store, dataSource, publisher)
        .name("w" + setting.worker())
        .lease(setting.lease())
        .pollEvery(Duration.ofMillis(200))
        .batch(256)
        .retry(RETRY)
        .circuitMaxOpen(Duration.ofMillis(500))
        .closeWait(Duration.ofSeconds(20))
        .start();
  }
}
