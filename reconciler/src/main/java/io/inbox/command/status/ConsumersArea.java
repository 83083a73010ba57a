package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Count;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The registered consumers: their windows, how far the collector has gone, how many keys. */
final class ConsumersArea implements Area {
  private final List<Consumer> consumers;

  private ConsumersArea(List<Consumer> consumers) {
    this.consumers = consumers;
  }

  // Locks: none. Reads the whole table, which has a row for each consumer.
  static Area read(View view) throws SQLException {
    Map<String, Count> keys = view.counts().keysByConsumer();
    return new ConsumersArea(
        view.query()
            .list(
                "SELECT \"consumer\", \"dedupe_window_seconds\", \"purge_horizon\", \"registered_at\" FROM "
                    + view.tables().quoted("consumer")
                    + " ORDER BY \"consumer\"",
                row ->
                    new Consumer(
                        row.string(1),
                        Duration.ofSeconds(row.number(2)),
                        row.time(3),
                        row.time(4),
                        keys.get(row.string(1)))));
  }

  @Override
  public void show(Block block) {
    Grid grid =
        new Grid("consumers", "Consumers", "none has registered yet")
            .text("consumer", "consumer")
            .column("windowSeconds", "window")
            .column("purgeHorizon", "purge horizon")
            .column("keys", "keys")
            .hidden("keysExact")
            .hidden("registeredAt");
    for (Consumer consumer : consumers) {
      @Nullable Count keys = consumer.keys();
      grid.row(
          consumer.name(),
          consumer.window(),
          consumer.purgeHorizon(),
          keys,
          keys == null ? null : keys.exact(),
          consumer.registeredAt());
    }
    block.grid(grid);
  }

  @Override
  public void measure(Metrics metrics) {
    metrics
        .gauge("inbox_consumer_window_seconds", "How long a key is remembered at least.")
        .gauge(
            "inbox_consumer_purge_horizon_timestamp_seconds",
            "Rows for messages before this time may have been deleted.")
        .gauge("inbox_consumer_keys", "Keys that are remembered, estimated where there are many.");
    for (Consumer consumer : consumers) {
      String[] labels = {"consumer", consumer.name()};
      metrics
          .sample("inbox_consumer_window_seconds", consumer.window(), labels)
          .sample("inbox_consumer_purge_horizon_timestamp_seconds", consumer.purgeHorizon(), labels)
          .sample("inbox_consumer_keys", consumer.keys(), labels);
    }
  }

  @Override
  public void attend(Attention attention) {
    // Windows and horizons are judged by the reconciler's checks.
  }

  /** One consumer. */
  private record Consumer(
      String name,
      Duration window,
      @Nullable Instant purgeHorizon,
      @Nullable Instant registeredAt,
      @Nullable Count keys) {}
}
