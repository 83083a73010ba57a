package io.inbox.benchmarks;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * db-scheduler, which people use as an outbox: a message is a one-time task. With the polling
 * strategy and the limits that its guide names for high throughput. It keeps no order.
 */
final class DbSchedulerPeer implements OutboxContender {
  private static final int THREADS = 16;
  private static final double LOWER = 1.0;
  private static final double UPPER = 4.0;
  private static final Duration POLLING = Duration.ofMillis(100);

  private final DurablePostgres server;

  /** Makes its table as its guide gives it, and a task to copy backlogs from. */
  DbSchedulerPeer(DurablePostgres server) throws SQLException {
    this.server = server;
    server.execute(
        """
        CREATE TABLE scheduled_tasks (
          task_name text NOT NULL,
          task_instance text NOT NULL,
          task_data bytea,
          execution_time timestamptz,
          picked boolean NOT NULL,
          picked_by text,
          last_success timestamptz,
          last_failure timestamptz,
          consecutive_failures integer,
          last_heartbeat timestamptz,
          version bigint NOT NULL,
          priority smallint,
          state text,
          PRIMARY KEY (task_name, task_instance))
        """);
    for (String columns :
        List.of("execution_time", "last_heartbeat", "priority DESC, execution_time")) {
      server.execute("CREATE INDEX ON scheduled_tasks (" + columns + ")");
    }
    OneTimeTask<String> task = task((messages, bytes) -> {});
    SchedulerBuilder builder = Scheduler.create(server.dataSource(), task);
    builder
        .build()
        .schedule(
            task.instance("sample", new String(Backlog.payload(), StandardCharsets.US_ASCII)),
            Instant.EPOCH);
    server.execute("CREATE TABLE scheduled_sample AS SELECT * FROM scheduled_tasks");
  }

  private static OneTimeTask<String> task(Sink sink) {
    return Tasks.oneTime("send", String.class)
        .execute((instance, context) -> sink.published(1, instance.getData().length()));
  }

  @Override
  public String label() {
    return "db-scheduler 16.12.0";
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("threads", String.valueOf(THREADS));
    settings.put("pollUsingLockAndFetch", LOWER + ", " + UPPER);
    settings.put("pollingInterval", POLLING.toMillis() + "ms");
    settings.put("serializer", "Java (default)");
    return settings;
  }

  @Override
  public List<String> tables() {
    return List.of("scheduled_tasks");
  }

  @Override
  public void fill(int messages) throws SQLException {
    server.execute("TRUNCATE scheduled_tasks");
    server.execute(
        """
        INSERT INTO scheduled_tasks (task_name, task_instance, task_data, execution_time, picked, version, priority)
        SELECT task_name, 'order-' || n %% %d || '-' || n, task_data,
               execution_time + n * interval '1 microsecond', picked, version, priority
        FROM scheduled_sample CROSS JOIN generate_series(1, %d) n ORDER BY n
        """
            .formatted(Backlog.KEYS, messages));
  }

  @Override
  public Running start(Sink sink) {
    Scheduler scheduler =
        Scheduler.create(server.dataSource(), task(sink))
            .threads(THREADS)
            .pollUsingLockAndFetch(LOWER, UPPER)
            .pollingInterval(POLLING)
            .build();
    scheduler.start();
    return scheduler::stop;
  }

  @Override
  public long left() throws SQLException {
    return server.number("SELECT count(*) FROM scheduled_tasks");
  }

  @Override
  public void close() {
    // Its threads ended with the relay.
  }
}
