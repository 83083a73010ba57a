package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import io.inbox.command.output.Words;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages that relays gave up, by topic and reason. */
final class OutboxLettersArea implements Area {
  private final List<Letters> letters;

  private OutboxLettersArea(List<Letters> letters) {
    this.letters = letters;
  }

  // Locks: none. Index: outbox_dead_state_idx.
  static Area read(View view) throws SQLException {
    return new OutboxLettersArea(
        view.query()
            .list(
                "SELECT \"topic\", \"reason\", COUNT(*), MIN(\"dead_lettered_at\") FROM "
                    + view.tables().quoted("outbox_dead_letter")
                    + " WHERE \"state\" = 'OPEN' GROUP BY \"topic\", \"reason\" ORDER BY \"topic\", \"reason\"",
                row ->
                    new Letters(
                        row.string(1), row.string(2), row.number(3), view.since(row.time(4)))));
  }

  @Override
  public void show(Block block) {
    Grid grid =
        new Grid("outboxDeadLetters", "Open dead letters of the outbox", "none")
            .text("topic", "topic")
            .column("reason", "reason")
            .column("open", "open")
            .column("oldestSeconds", "oldest");
    letters.forEach(each -> grid.row(each.topic(), each.reason(), each.open(), each.oldest()));
    block.grid(grid);
  }

  @Override
  public void measure(Metrics metrics) {
    metrics
        .gauge("inbox_outbox_dead_letters_open", "Messages of the outbox that were given up.")
        .gauge(
            "inbox_outbox_dead_letters_oldest_seconds",
            "Age of the oldest open dead letter of the outbox.");
    for (Letters each : letters) {
      String[] labels = {"topic", each.topic(), "reason", each.reason()};
      metrics
          .sample("inbox_outbox_dead_letters_open", each.open(), labels)
          .sample("inbox_outbox_dead_letters_oldest_seconds", each.oldest(), labels);
    }
  }

  @Override
  public void attend(Attention attention) {
    long open = letters.stream().mapToLong(Letters::open).sum();
    if (open > 0) {
      attention.add(
          "outboxDeadLetters",
          Words.count(open, "open dead letter") + " of the outbox",
          "inbox dead-letters list --outbox");
    }
  }

  /** The letters for one topic that were given up for one reason. */
  private record Letters(String topic, String reason, long open, @Nullable Duration oldest) {}
}
