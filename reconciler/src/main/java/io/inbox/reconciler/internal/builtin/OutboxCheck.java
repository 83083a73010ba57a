package io.inbox.reconciler.internal.builtin;

import io.inbox.reconciler.internal.Times;
import io.inbox.reconciler.spi.CheckRun;
import io.inbox.reconciler.spi.Sighting;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;

/** Messages that wait too long to be sent: all of a slot, those that are due, those of a key. */
public final class OutboxCheck extends BuiltIn {
  public OutboxCheck(BuiltInOptions options) {
    super("outbox", options);
  }

  @Override
  boolean look(CheckRun run) throws SQLException {
    lag(run);
    overdue(run);
    blocked(run);
    return true;
  }

  /** The first row of each slot is its oldest, but for transactions that were open for long. */
  private void lag(CheckRun run) throws SQLException {
    // Reads the primary key once for each slot.
    String sql =
        """
        SELECT s."slot", o."appended_at", o."topic" FROM %s s
        JOIN %s o ON o."slot" = s."slot" AND o."id" = (SELECT MIN(f."id") FROM %s f WHERE f."slot" = s."slot")
        WHERE o."appended_at" < ? ORDER BY s."slot"
        """
            .formatted(table(run, "outbox_slot"), table(run, "outbox"), table(run, "outbox"));
    Instant limit = run.now().minus(options.outboxLag);
    for (Sighting sighting : Query.list(run, sql, OutboxCheck::waits, limit)) {
      run.found(sighting);
    }
  }

  private static Sighting waits(ResultSet row) throws SQLException {
    return Sighting.error("OUTBOX_LAG", "slot " + row.getInt("slot"))
        .cause("messages are not published")
        .happenedAt(Times.read(row, "appended_at"))
        .detail(
            "the oldest message of slot "
                + row.getInt("slot")
                + ", for "
                + row.getString("topic")
                + ", waits since "
                + Objects.requireNonNull(Times.read(row, "appended_at"))
                + " (is a relay running, and does it reach where the messages go?)")
        .build();
  }

  private void overdue(CheckRun run) throws SQLException {
    // Reads the beginning of outbox_delayed_due_idx.
    String sql =
        """
        SELECT COUNT(*) AS "messages", MIN("due_at") AS "oldest" FROM %s WHERE "due_at" < ?
        HAVING COUNT(*) > 0
        """
            .formatted(table(run, "outbox_delayed"));
    Instant limit = run.now().minus(options.outboxLag);
    for (Sighting sighting :
        Query.list(
            run,
            sql,
            row ->
                Sighting.error("OUTBOX_OVERDUE", "delayed messages")
                    .cause("messages are not published")
                    .happenedAt(Times.read(row, "oldest"))
                    .detail(
                        row.getLong("messages")
                            + " messages that were to be sent later are due, the first since "
                            + Objects.requireNonNull(Times.read(row, "oldest"))
                            + " (is a relay running?)")
                    .build(),
            limit)) {
      run.found(sighting);
    }
  }

  private void blocked(CheckRun run) throws SQLException {
    // Reads the whole table, which has a row for each key that is held back, and counts what waits
    // by
    // the primary key of outbox_parked.
    String sql =
        """
        SELECT b."tenant", b."topic", b."key", b."attempts", b."blocked_at", b."next_attempt_at",
          (SELECT COUNT(*) FROM %s p WHERE p."slot" = b."slot" AND p."lane" = b."lane") AS "waiting"
        FROM %s b WHERE b."blocked_at" < ? ORDER BY b."blocked_at"
        """
            .formatted(table(run, "outbox_parked"), table(run, "outbox_blocked"));
    Instant limit = run.now().minus(options.blockedAge);
    for (Sighting sighting : Query.list(run, sql, OutboxCheck::heldBack, limit)) {
      run.found(sighting);
    }
  }

  private static Sighting heldBack(ResultSet row) throws SQLException {
    String topic = row.getString("topic");
    String key = row.getString("key");
    return Sighting.error("OUTBOX_KEY_BLOCKED", topic + " " + (key == null ? "(no key)" : key))
        .tenant(row.getString("tenant"))
        .cause("a message for " + topic + " fails again and again")
        .happenedAt(Times.read(row, "blocked_at"))
        .detail(
            row.getLong("waiting")
                + " messages of this key wait behind one that has failed "
                + row.getInt("attempts")
                + " times; the next attempt is at "
                + Objects.requireNonNull(Times.read(row, "next_attempt_at"))
                + " (its error is in outbox_blocked; mend the destination or the message)")
        .build();
  }
}
