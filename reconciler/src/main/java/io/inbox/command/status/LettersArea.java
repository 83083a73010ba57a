package io.inbox.command.status;

import io.inbox.command.output.Block;
import io.inbox.command.output.Grid;
import io.inbox.command.output.Metrics;
import io.inbox.command.output.Words;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The open dead letters of the inbox, by consumer and reason. */
final class LettersArea implements Area {
  private final List<Letters> letters;

  private LettersArea(List<Letters> letters) {
    this.letters = letters;
  }

  // Locks: none. Index: dead_letter_state_idx, for each consumer.
  static Area read(View view) throws SQLException {
    return new LettersArea(
        view.query()
            .list(
                "SELECT \"consumer\", \"reason\", COUNT(*), MIN(\"dead_lettered_at\") FROM "
                    + view.tables().quoted("dead_letter")
                    + " WHERE \"state\" = 'OPEN' GROUP BY \"consumer\", \"reason\" ORDER BY \"consumer\", \"reason\"",
                row ->
                    new Letters(
                        row.string(1), row.string(2), row.number(3), view.since(row.time(4)))));
  }

  @Override
  public void show(Block block) {
    Grid grid =
        new Grid("deadLetters", "Open dead letters", "none")
            .text("consumer", "consumer")
            .column("reason", "reason")
            .column("open", "open")
            .column("oldestSeconds", "oldest");
    letters.forEach(each -> grid.row(each.consumer(), each.reason(), each.open(), each.oldest()));
    block.grid(grid);
  }

  @Override
  public void measure(Metrics metrics) {
    metrics
        .gauge("inbox_dead_letters_open", "Messages that were given up and wait for a person.")
        .gauge("inbox_dead_letters_oldest_seconds", "Age of the oldest open dead letter.");
    for (Letters each : letters) {
      String[] labels = {"consumer", each.consumer(), "reason", each.reason()};
      metrics
          .sample("inbox_dead_letters_open", each.open(), labels)
          .sample("inbox_dead_letters_oldest_seconds", each.oldest(), labels);
    }
  }

  @Override
  public void attend(Attention attention) {
    Map<String, Long> open = new LinkedHashMap<>();
    letters.forEach(each -> open.merge(each.consumer(), each.open(), Long::sum));
    open.forEach(
        (consumer, count) ->
            attention.add(
                "deadLetters",
                Words.count(count, "open dead letter") + " of consumer " + consumer,
                "inbox dead-letters list --consumer " + consumer));
  }

  /** The letters of one consumer that were given up for one reason. */
  private record Letters(String consumer, String reason, long open, @Nullable Duration oldest) {}
}
