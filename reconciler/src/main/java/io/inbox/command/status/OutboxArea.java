package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Count;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import io.inbox.command.output.Words;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What waits in the outbox, for how long, and which keys are held back. */
final class OutboxArea implements Area {
  private static final int MOST = 1_000_000;
  private static final int BLOCKED_SHOWN = 10;

  private final View view;
  private final List<Topic> topics;
  private final Heap parked;
  private final Heap delayed;
  private final long blocked;
  private final List<BlockedKey> worst;
  private final Duration lag;

  private OutboxArea(View view) throws SQLException {
    this.view = view;
    this.topics = topics();
    this.parked = heap("outbox_parked", "appended_at");
    this.delayed = heap("outbox_delayed", "due_at");
    this.blocked = heap("outbox_blocked", "blocked_at").rows();
    this.worst = worst();
    this.lag =
        Stream.concat(heads().stream(), Stream.of(Optional.ofNullable(parked.oldest())))
            .flatMap(Optional::stream)
            .min(Comparator.naturalOrder())
            .map(oldest -> Duration.between(oldest, view.now()))
            .orElse(Duration.ZERO);
  }

  static Area read(View view) throws SQLException {
    return new OutboxArea(view);
  }

  // Locks: none. Reads the outbox up to a bound, as it is read by nobody in the order of topics.
  private List<Topic> topics() throws SQLException {
    return view.query()
        .list(
            """
            SELECT "topic", COUNT(*), MIN("appended_at")
            FROM (SELECT "topic", "appended_at" FROM %s FETCH FIRST %d ROWS ONLY) o
            GROUP BY "topic" ORDER BY "topic\""""
                .formatted(view.tables().quoted("outbox"), MOST),
            row -> new Topic(row.string(1), row.number(2), view.since(row.time(3))));
  }

  // Locks: none. Index: the primary key, one look for each slot.
  private List<Optional<Instant>> heads() throws SQLException {
    return view.query()
        .list(
            """
            SELECT (SELECT o."appended_at" FROM %s o WHERE o."slot" = s."slot" ORDER BY o."id" FETCH FIRST 1 ROW ONLY)
            FROM %s s"""
                .formatted(view.tables().quoted("outbox"), view.tables().quoted("outbox_slot")),
            row -> Optional.ofNullable(row.time(1)));
  }

  // Locks: none. Reads the whole table, which is small unless much is held back.
  private Heap heap(String table, String time) throws SQLException {
    return view.query()
        .first(
            "SELECT COUNT(*), MIN(\"" + time + "\") FROM " + view.tables().quoted(table),
            row -> new Heap(row.number(1), row.time(2)))
        .orElseThrow();
  }

  // Locks: none. Reads the whole table, which has a row for each key that is held back.
  private List<BlockedKey> worst() throws SQLException {
    return view.query()
        .list(
            """
            SELECT "tenant", "topic", "key", "attempts", "blocked_at", "next_attempt_at", "last_error"
            FROM %s ORDER BY "blocked_at" FETCH FIRST %d ROWS ONLY"""
                .formatted(view.tables().quoted("outbox_blocked"), BLOCKED_SHOWN),
            row ->
                new BlockedKey(
                    List.of(row.string(1), row.string(2), row.string(3)),
                    row.number(4),
                    view.since(row.time(5)),
                    row.time(6),
                    row.string(7)));
  }

  private Count waiting() {
    long rows = topics.stream().mapToLong(Topic::waiting).sum();
    return new Count(rows, rows < MOST);
  }

  @Override
  public void show(Block block) {
    Grid byTopic =
        new Grid("topics", "Waiting, by topic", "")
            .text("topic", "topic")
            .column("waiting", "waiting")
            .column("oldestSeconds", "oldest");
    topics.forEach(topic -> byTopic.row(topic.name(), topic.waiting(), topic.oldest()));
    block.object(
        "outbox",
        "Outbox",
        new Block()
            .fact("waiting", "waiting", waiting())
            .hidden("waitingExact", waiting().exact())
            .fact("lagSeconds", "oldest", lag)
            .fact("delayed", "to be sent later", delayed.rows())
            .hidden("nextDueAt", delayed.oldest())
            .fact("blockedKeys", "blocked keys", blocked)
            .fact("parked", "parked behind them", parked.rows())
            .grid(byTopic)
            .grid(blockedKeys()));
  }

  private Grid blockedKeys() {
    Grid grid =
        new Grid("blocked", "Blocked keys, longest first", "")
            .hidden("tenant")
            .text("topic", "topic")
            .text("key", "key")
            .column("attempts", "attempts")
            .column("blockedSeconds", "since")
            .column("nextAttemptAt", "next attempt")
            .text("lastError", "last error");
    worst.forEach(
        each ->
            grid.row(
                each.lane().get(0),
                each.lane().get(1),
                each.lane().get(2),
                each.attempts(),
                each.since(),
                each.next(),
                each.error()));
    return grid;
  }

  @Override
  public void measure(Metrics metrics) {
    metrics
        .gauge("inbox_outbox_waiting", "Messages that wait to be published, by topic.")
        .gauge("inbox_outbox_lag_seconds", "Age of the oldest message that waits.")
        .gauge("inbox_outbox_delayed", "Messages that are to be sent later.")
        .gauge("inbox_outbox_blocked_keys", "Keys held back by a message that fails.")
        .gauge("inbox_outbox_parked", "Messages parked behind one that fails.");
    topics.forEach(
        topic -> metrics.sample("inbox_outbox_waiting", topic.waiting(), "topic", topic.name()));
    metrics
        .sample("inbox_outbox_lag_seconds", lag)
        .sample("inbox_outbox_delayed", delayed.rows())
        .sample("inbox_outbox_blocked_keys", blocked)
        .sample("inbox_outbox_parked", parked.rows());
  }

  @Override
  public void attend(Attention attention) {
    if (blocked > 0) {
      attention.add(
          "outbox",
          Words.count(blocked, "key") + " of the outbox blocked by a message that fails",
          "the last errors above");
    }
    if (lag.compareTo(view.maxLag()) > 0) {
      attention.add(
          "outbox",
          "a message of the outbox has waited " + Words.of(lag),
          "the slots and relays below");
    }
  }

  /** What waits for one topic. */
  private record Topic(String name, long waiting, @Nullable Duration oldest) {}

  /** How many rows, and the earliest time among them. */
  private record Heap(long rows, @Nullable Instant oldest) {}

  /** A key that is held back; its lane is tenant, topic and key. */
  private record BlockedKey(
      List<String> lane,
      long attempts,
      @Nullable Duration since,
      @Nullable Instant next,
      String error) {}
}
