package io.inbox.benchmarks;

import io.namastack.outbox.Outbox;
import io.namastack.outbox.OutboxProcessingScheduler;
import io.namastack.outbox.handler.OutboxRecordMetadata;
import io.namastack.outbox.handler.OutboxTypedHandler;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;

/**
 * namastack-outbox (JDBC), with the platform-thread profile that its guide "Performance Tuning"
 * recommends; one instance, as client and server share two processors.
 */
final class NamastackOutbox implements OutboxContender {
  private static final Map<String, String> PROFILE = profile();

  private final DurablePostgres server;
  private final Handler handler = new Handler();
  private final AnnotationConfigApplicationContext context;
  private final OutboxProcessingScheduler scheduler;

  /** Makes its tables, and a record of each key to copy backlogs from. */
  NamastackOutbox(DurablePostgres server) throws SQLException {
    this.server = server;
    context = new AnnotationConfigApplicationContext();
    context
        .getEnvironment()
        .getPropertySources()
        .addFirst(new MapPropertySource("profile", new LinkedHashMap<>(PROFILE)));
    context.registerBean(
        DataSource.class,
        server::dataSource,
        definition -> definition.setDestroyMethodName("")); // or Spring closes the pool
    context.registerBean(Handler.class, () -> handler);
    context.register(Application.class);
    context.refresh();
    scheduler = context.getBean(OutboxProcessingScheduler.class);
    scheduler.stop();
    Outbox outbox = context.getBean(Outbox.class);
    String payload = new String(Backlog.payload(), StandardCharsets.US_ASCII);
    for (int key = 0; key < Backlog.KEYS; key++) {
      outbox.schedule(payload, Backlog.key(key));
    }
    server.execute("CREATE TABLE namastack_sample AS SELECT * FROM outbox_record");
  }

  private static Map<String, String> profile() {
    Map<String, String> profile = new LinkedHashMap<>();
    String prefix = "namastack.outbox.";
    profile.put(prefix + "polling.trigger", "fixed");
    profile.put(prefix + "polling.batch-size", "1000");
    profile.put(prefix + "polling.fixed.interval", "25ms");
    profile.put(prefix + "processing.delete-completed-records", "false");
    profile.put(prefix + "processing.stop-on-first-failure", "true");
    profile.put(prefix + "processing.executor-core-pool-size", "16");
    profile.put(prefix + "processing.executor-max-pool-size", "32");
    profile.put(prefix + "instance.heartbeat-interval", "1s");
    profile.put(prefix + "instance.stale-instance-timeout", "10s");
    profile.put(prefix + "instance.rebalance-interval", "1s");
    return profile;
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}

  /** Public because the peer calls it. */
  public static final class Handler implements OutboxTypedHandler<String> {
    private volatile @Nullable Sink sink;

    @Override
    public void handle(String payload, OutboxRecordMetadata metadata) {
      Sink current = sink;
      if (current == null) {
        throw new IllegalStateException("a record is handled though nothing was started");
      }
      current.published(1, payload.length());
    }
  }

  @Override
  public String label() {
    return "namastack-outbox 1.6.0";
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>(PROFILE);
    settings.put("instances", "1");
    return settings;
  }

  @Override
  public List<String> tables() {
    return List.of("outbox_record");
  }

  @Override
  public void fill(int messages) throws SQLException {
    server.execute("TRUNCATE outbox_record");
    server.execute(
        """
        INSERT INTO outbox_record (
          id, status, record_key, record_type, payload, context, created_at, failure_count,
          next_retry_at, partition_no, handler_id)
        SELECT gen_random_uuid()::text, status, record_key, record_type, payload, context,
               created_at + n * interval '1 microsecond', failure_count, next_retry_at,
               partition_no, handler_id
        FROM generate_series(0, (%d - 1) / %d) n CROSS JOIN namastack_sample
        ORDER BY n LIMIT %d
        """
            .formatted(messages, Backlog.KEYS, messages));
  }

  @Override
  public Running start(Sink sink) {
    handler.sink = sink;
    scheduler.start();
    return scheduler::stop;
  }

  @Override
  public long left() throws SQLException {
    return server.number("SELECT count(*) FROM outbox_record WHERE status <> 'COMPLETED'");
  }

  @Override
  public void close() {
    context.close();
  }
}
