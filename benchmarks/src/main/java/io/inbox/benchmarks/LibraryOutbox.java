package io.inbox.benchmarks;

import io.inbox.jdbc.JdbcTransactions;
import io.inbox.outbox.Outbox;
import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.OutboxSettings;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.outbox.Relay;
import io.inbox.postgres.PostgresStore;
import io.inbox.spi.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The library's outbox and its relay, with their defaults. */
final class LibraryOutbox implements OutboxContender {
  private final DurablePostgres server;
  private final Transactions transactions;
  private final Outbox outbox;

  /** Needs the library's tables; makes one of messages to copy backlogs from, one for each key. */
  LibraryOutbox(DurablePostgres server) throws Exception {
    this(server, OutboxSettings.ofDefaults());
  }

  /** The same with other settings. */
  LibraryOutbox(DurablePostgres server, OutboxSettings settings) throws Exception {
    this.server = server;
    this.transactions = JdbcTransactions.on(server.dataSource());
    this.outbox = Outbox.open(PostgresStore.create(), transactions, settings);
    transactions.inTransaction(
        unit -> {
          for (int key = 0; key < Backlog.KEYS; key++) {
            outbox.in(unit).append(message(key));
          }
          return unit;
        });
    server.execute("CREATE TABLE library_sample AS SELECT * FROM inbox.outbox");
    server.execute("TRUNCATE inbox.outbox");
  }

  static OutboxMessage message(long number) {
    return OutboxMessage.to(Backlog.TOPIC)
        .key(Backlog.key(number))
        .payload(Backlog.payload())
        .correlationId("correlation-" + number)
        .build();
  }

  Outbox outbox() {
    return outbox;
  }

  Transactions transactions() {
    return transactions;
  }

  /** Appends one message to a transaction that the caller ends. */
  void appendOn(Connection connection) {
    outbox.on(connection).append(message(0));
  }

  /**
   * Appends one message in a transaction of its own; returns when that was, before insert and
   * commit.
   */
  long appendOne() throws Exception {
    return transactions.inTransaction(
        unit -> {
          outbox.in(unit).append(message(0));
          return System.nanoTime();
        });
  }

  @Override
  public String label() {
    return "library";
  }

  @Override
  public Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("slots", "16 (default)");
    settings.put("batch", "1024 (default)");
    settings.put("threads", "1 (default)");
    settings.put("notifications", "on (default)");
    return settings;
  }

  @Override
  public List<String> tables() {
    return List.of("inbox.outbox", "inbox.outbox_slot");
  }

  @Override
  public void fill(int messages) throws SQLException {
    server.execute("TRUNCATE inbox.outbox");
    server.execute(
        """
        INSERT INTO inbox.outbox (
          slot, message_id, tenant, topic, key, headers, payload, correlation_id, causation_id)
        SELECT slot, gen_random_uuid(), tenant, topic, key, headers, payload, correlation_id, causation_id
        FROM generate_series(0, (%d - 1) / %d) n CROSS JOIN library_sample
        ORDER BY n LIMIT %d
        """
            .formatted(messages, Backlog.KEYS, messages));
  }

  @Override
  public Running start(Sink sink) {
    Relay relay =
        Relay.builder(PostgresStore.create(), server.dataSource(), new Counting(sink)).start();
    return relay::close;
  }

  /** Confirms everything at once. */
  private static final class Counting implements Publisher {
    private final Sink sink;

    Counting(Sink sink) {
      this.sink = sink;
    }

    @Override
    public List<PublishResult> publish(List<OutboxMessage> batch) {
      long bytes = 0;
      for (OutboxMessage message : batch) {
        bytes += message.payload().length;
      }
      sink.published(batch.size(), bytes);
      return Collections.nCopies(batch.size(), PublishResult.sent());
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }

  @Override
  public long left() throws SQLException {
    return server.number(
        "SELECT (SELECT count(*) FROM inbox.outbox) + (SELECT count(*) FROM inbox.outbox_parked)");
  }

  @Override
  public void close() {
    outbox.close();
  }
}
