package io.inbox.benchmarks;

import com.gruelbox.transactionoutbox.Dialect;
import com.gruelbox.transactionoutbox.Instantiator;
import com.gruelbox.transactionoutbox.Persistor;
import com.gruelbox.transactionoutbox.Submitter;
import com.gruelbox.transactionoutbox.TransactionManager;
import com.gruelbox.transactionoutbox.TransactionOutbox;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * transaction-outbox: a background thread that flushes until nothing is left, as its guide says,
 * and a pool of threads that invoke. It keeps no order.
 */
final class TransactionOutboxPeer implements OutboxContender {
  private static final int THREADS = 16;
  private static final int FLUSH_BATCH = 4096;

  private final DurablePostgres server;
  private final TransactionManager transactions;

  /** Makes its table, and an entry of each key to copy backlogs from. */
  TransactionOutboxPeer(DurablePostgres server) throws SQLException {
    this.server = server;
    this.transactions = TransactionManager.fromDataSource(server.dataSource());
    TransactionOutbox outbox =
        outbox(new Broker(), (entry, processNow) -> {}); // leaves them to the flush
    String payload = new String(Backlog.payload(), StandardCharsets.US_ASCII);
    transactions.inTransaction(
        () -> {
          for (int key = 0; key < Backlog.KEYS; key++) {
            outbox.schedule(Broker.class).send(Backlog.key(key), payload);
          }
        });
    server.execute("CREATE TABLE txno_sample AS SELECT * FROM txno_outbox");
  }

  /** What is invoked later. Public because the peer makes proxies of it. */
  public static class Broker {
    private final Sink sink;

    /** For the proxy. */
    public Broker() {
      this(
          (messages, bytes) -> {
            throw new IllegalStateException("an entry is invoked though nothing was started");
          });
    }

    Broker(Sink sink) {
      this.sink = sink;
    }

    /** Takes one message. */
    public void send(String key, String payload) {
      sink.published(key.isEmpty() ? 0 : 1, payload.length());
    }
  }

  private TransactionOutbox outbox(Broker broker, Submitter submitter) {
    return TransactionOutbox.builder()
        .transactionManager(transactions)
        .persistor(Persistor.forDialect(Dialect.POSTGRESQL_9))
        .instantiator(Instantiator.using(type -> broker))
        .submitter(submitter)
        .flushBatchSize(FLUSH_BATCH)
        .build();
  }

  @Override
  public String label() {
    return "transaction-outbox 4.2.268";
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("flushBatchSize", FLUSH_BATCH + " (default)");
    settings.put("attemptFrequency", "2 min (default)");
    settings.put("executor", THREADS + " threads, unbounded queue");
    settings.put("flush", "again at once until it finds nothing");
    return settings;
  }

  @Override
  public List<String> tables() {
    return List.of("txno_outbox");
  }

  @Override
  public void fill(int messages) throws SQLException {
    server.execute("TRUNCATE txno_outbox");
    server.execute(
        """
        INSERT INTO txno_outbox (id, invocation, nextattempttime, attempts, blocked, version, processed)
        SELECT gen_random_uuid()::text, invocation, nextattempttime - interval '1 day', attempts,
               blocked, version, processed
        FROM generate_series(0, (%d - 1) / %d) n CROSS JOIN txno_sample
        ORDER BY n LIMIT %d
        """
            .formatted(messages, Backlog.KEYS, messages));
  }

  @Override
  public Running start(Sink sink) {
    ExecutorService workers = Executors.newFixedThreadPool(THREADS);
    ExecutorService background = Executors.newSingleThreadExecutor();
    TransactionOutbox outbox = outbox(new Broker(sink), Submitter.withExecutor(workers));
    Future<?> flushing =
        background.submit(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                if (!outbox.flush()) {
                  LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                }
              }
            });
    return () -> {
      // Nothing is left to flush, so the interrupt meets a thread that waits, or one at a read.
      flushing.cancel(true);
      background.shutdown();
      workers.shutdown();
      if (!background.awaitTermination(1, TimeUnit.MINUTES)
          || !workers.awaitTermination(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("transaction-outbox did not stop");
      }
    };
  }

  @Override
  public long left() throws SQLException {
    return server.number("SELECT count(*) FROM txno_outbox");
  }

  @Override
  public void close() {
    // Its threads ended with the relay.
  }
}
