package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/** Dead letters, of inbox and outbox, that nobody has dealt with for too long. */
public final class DeadLettersCheck extends BuiltIn {
  public DeadLettersCheck(BuiltInOptions options) {
    super("dead-letters", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    // Reads dead_letter_state_idx for each consumer, then the open letters.
    String inbox =
        """
        SELECT "consumer" AS "whose", "tenant", "reason", COUNT(*) AS "letters", MIN("dead_lettered_at") AS "oldest"
        FROM %s WHERE "state" = 'OPEN' AND "dead_lettered_at" < ?
        GROUP BY "consumer", "tenant", "reason" ORDER BY "consumer", "tenant", "reason"
        """
            .formatted(table(run, "dead_letter"));
    for (Sighting sighting :
        Query.list(run, inbox, DeadLettersCheck::ofInbox, run.now().minus(options.deadLetterAge))) {
      run.found(sighting);
    }
    // Reads outbox_dead_state_idx, then the open letters.
    String outbox =
        """
        SELECT "topic" AS "whose", "tenant", "reason", COUNT(*) AS "letters", MIN("dead_lettered_at") AS "oldest"
        FROM %s WHERE "state" = 'OPEN' AND "dead_lettered_at" < ?
        GROUP BY "topic", "tenant", "reason" ORDER BY "topic", "tenant", "reason"
        """
            .formatted(table(run, "outbox_dead_letter"));
    for (Sighting sighting :
        Query.list(
            run, outbox, DeadLettersCheck::ofOutbox, run.now().minus(options.deadLetterAge))) {
      run.found(sighting);
    }
    return true;
  }

  private static Sighting ofInbox(ResultSet row) throws SQLException {
    String consumer = row.getString("whose");
    return Sighting.error("DEAD_LETTERS_OPEN", row.getString("reason"))
        .consumer(consumer)
        .tenant(row.getString("tenant"))
        .cause("dead letters wait for a decision")
        .happenedAt(Times.read(row, "oldest"))
        .detail(
            row.getLong("letters")
                + " dead letters of "
                + consumer
                + " are open, the oldest since "
                + Objects.requireNonNull(Times.read(row, "oldest"))
                + " (replay or discard them: inbox dead-letters, or inbox.deadLetters())")
        .build();
  }

  private static Sighting ofOutbox(ResultSet row) throws SQLException {
    String topic = row.getString("whose");
    return Sighting.error("OUTBOX_DEAD_LETTERS_OPEN", topic + " " + row.getString("reason"))
        .tenant(row.getString("tenant"))
        .cause("messages the relay gave up wait for a decision")
        .happenedAt(Times.read(row, "oldest"))
        .detail(
            row.getLong("letters")
                + " messages for "
                + topic
                + " were given up, the oldest at "
                + Objects.requireNonNull(Times.read(row, "oldest"))
                + " (requeue or discard them: inbox dead-letters --outbox, or outbox.deadLetters())")
        .build();
  }
}
